using Hypermesh.Bpf.KernelObjects.Pins;
using Hypermesh.Bpf.Objects.Btf;
using Microsoft.Extensions.Logging;

namespace Hypermesh.Bpf;

/// <summary>How an object is loaded; the defaults suit nearly everyone.</summary>
public sealed class BpfLoadOptions
{
    /// <summary>Where loads, attachments and failures are logged; null for nowhere.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    /// <summary>
    /// Types to resolve CO-RE against in place of the running kernel's, from a file made for it; for kernels without BTF of their own.
    /// What is referred to by its number (the targets of tp_btf, fentry, iterators; kernel functions and variables) is still looked for
    /// in the running kernel's own, and modules are not looked into for CO-RE.
    /// </summary>
    public BtfTypes? KernelTypes { get; init; }

    /// <summary>
    /// Options of the kernel's configuration that hold before the kernel's own, as lines <c>CONFIG_NAME=value</c>: for programs that declare them
    /// <c>extern … __kconfig</c>. Where they answer all that is asked, no configuration file is needed.
    /// </summary>
    public string? KernelConfig { get; init; }

    /// <summary>
    /// The permission to load in a user namespace (6.9). Null takes, in a user namespace only, the one of <c>LIBBPF_BPF_TOKEN_PATH</c> or <c>/sys/fs/bpf</c> if there is one.
    /// It is not disposed with the load.
    /// </summary>
    public BpfToken? Token { get; init; }

    /// <summary>What the verifier is to write of programs it accepts, for <see cref="BpfProgram.VerifierLog"/>. The default, nothing, is the quickest.</summary>
    public BpfVerifierLogLevel VerifierLog { get; init; }

    /// <summary>The directory of the BPF file system under which maps that ask for it are pinned by their name, and found again.</summary>
    public string PinRoot { get; init; } = ObjectPins.DefaultRoot;

    /// <summary>
    /// Maps that exist, by the name of the object's map they stand in for; no map is created for those. The load takes a descriptor of its own; the caller's
    /// stays the caller's. A map of another kind, or other sizes of key or value, is refused.
    /// </summary>
    public IReadOnlyDictionary<string, BpfMapHandle> ReplacedMaps { get; init; } = new Dictionary<string, BpfMapHandle>(StringComparer.Ordinal);

    /// <summary>Maps that show what the inner maps of a map of maps are like, by its name; for those whose C does not say.</summary>
    public IReadOnlyDictionary<string, BpfMapHandle> InnerMaps { get; init; } = new Dictionary<string, BpfMapHandle>(StringComparer.Ordinal);

    internal IKernel? Kernel { get; init; }
}
