using Hypermesh.Bpf.KernelObjects.Pins;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Microsoft.Extensions.Logging;

namespace Hypermesh.Bpf;

/// <summary>Options for loading an object; the defaults suit most uses.</summary>
public sealed class BpfLoadOptions
{
    /// <summary>The factory of the logger for loads, attachments and failures; null for no log.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    /// <summary>
    /// Types to resolve CO-RE relocations against instead of the running kernel's, from a file made for it; for kernels without BTF.
    /// Anything referred to by type ID (the targets of tp_btf, fentry and iterators; kernel functions and variables) is still resolved
    /// in the running kernel's own types, and CO-RE relocations ignore modules.
    /// </summary>
    public BtfTypes? KernelTypes { get; init; }

    /// <summary>
    /// Options of the kernel's configuration that override the kernel's own, as lines <c>CONFIG_NAME=value</c>: for programs that declare them
    /// <c>extern … __kconfig</c>. If they include every option that the programs use, no configuration file is needed.
    /// </summary>
    public string? KernelConfig { get; init; }

    /// <summary>
    /// The token that permits loading in a user namespace (6.9). With null, a load in a user namespace uses the token of <c>LIBBPF_BPF_TOKEN_PATH</c> or <c>/sys/fs/bpf</c> if there is one.
    /// It is not disposed with the load.
    /// </summary>
    public BpfToken? Token { get; init; }

    /// <summary>The verifier log to keep of accepted programs, in <see cref="BpfProgram.VerifierLog"/>. The default, no log, is the fastest.</summary>
    public BpfVerifierLogLevel VerifierLog { get; init; }

    /// <summary>The directory of the BPF file system for maps that are pinned by name.</summary>
    public string PinRoot { get; init; } = ObjectPins.DefaultRoot;

    /// <summary>
    /// Existing maps to use instead of the object's maps, by the name of the object's map; those maps are not created. The load duplicates the descriptor; the caller
    /// keeps its own. A map of another type or with other key or value sizes is rejected.
    /// </summary>
    public IReadOnlyDictionary<string, BpfMapHandle> ReplacedMaps { get; init; } = new Dictionary<string, BpfMapHandle>(StringComparer.Ordinal);

    /// <summary>Prototypes of the inner maps of maps of maps, by the name of the outer map; for maps whose C does not declare it.</summary>
    public IReadOnlyDictionary<string, BpfMapHandle> InnerMaps { get; init; } = new Dictionary<string, BpfMapHandle>(StringComparer.Ordinal);

    /// <summary>
    /// Whether the object is loaded so that <see cref="BpfObject.HotReload"/> can replace its tracing programs without losing an event: each is called by a small program that
    /// this SDK loads, which stays attached (1 to 5 ns an event). The kernel has no other way for them. Programs whose links can be updated (XDP, TCX, control groups and others) do not need it.
    /// </summary>
    public bool Reloadable { get; init; }

    /// <summary>
    /// Where the object stays when this process ends, and where it takes the place of the one that a predecessor has left; null to end with the process. It implies <see cref="Reloadable"/>. What was attached is
    /// attached still: <see cref="BpfObject.Attach"/>, and attaching to a target once more, return the links that a predecessor has left.
    /// </summary>
    public BpfHandover? Handover { get; init; }

    internal IKernel? Kernel { get; init; }

    /// <summary>What a new version of an object takes over from the running one; null for a first load.</summary>
    internal Inheritance? Inheritance { get; private init; }

    /// <summary>The same options for a new version of the object.</summary>
    internal BpfLoadOptions For(Inheritance inheritance, BpfObjectSpec next) => new()
    {
        LoggerFactory = LoggerFactory,
        KernelTypes = KernelTypes,
        KernelConfig = KernelConfig,
        Token = Token,
        VerifierLog = VerifierLog,
        PinRoot = PinRoot,
        ReplacedMaps = OfNext(ReplacedMaps, next),
        InnerMaps = OfNext(InnerMaps, next),
        Reloadable = Reloadable,
        Handover = Handover,
        Kernel = Kernel,
        Inheritance = inheritance,
    };

    private static Dictionary<string, BpfMapHandle> OfNext(IReadOnlyDictionary<string, BpfMapHandle> maps, BpfObjectSpec next)
        => maps.Where(one => next.Maps.Any(map => map.Name == one.Key)).ToDictionary(StringComparer.Ordinal);
}

/// <summary>What a new version of an object takes over from the one that runs.</summary>
/// <param name="Maps">The maps, by name.</param>
/// <param name="Sections">The maps of data sections, by the section's name.</param>
/// <param name="Views">The data sections that are mapped, by name.</param>
/// <param name="Dispatched">The programs that have a dispatcher already, and how many bytes of the context each dispatcher reads.</param>
internal sealed record Inheritance(
    IReadOnlyDictionary<string, BpfMapHandle> Maps, IReadOnlyDictionary<string, BpfMapHandle> Sections, IReadOnlyDictionary<string, BpfGlobalSection> Views, IReadOnlyDictionary<string, int> Dispatched);
