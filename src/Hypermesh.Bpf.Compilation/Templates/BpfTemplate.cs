using Hypermesh.Bpf.Compilation.Templates;
using Hypermesh.Bpf.Objects;

namespace Hypermesh.Bpf.Compilation;

/// <summary>A shipped program with parameters. Its object is inside this assembly: neither clang nor headers are needed. The C is in <c>bpf-templates</c> of the repository.</summary>
public sealed class BpfTemplate
{
    private static readonly BpfTemplate[] s_all =
    [
        new("bitesize", "Sizes of the requests that disks are given, by command, as histograms of bytes", static () => BitesizeSkeleton.Open().Object),
        new("execsnoop", "Programs that are started, with their arguments, and the attempts that failed: an event for each", static () => ExecsnoopSkeleton.Open().Object),
        new("killsnoop", "Signals that are sent with kill: an event for each system call, with its result", static () => KillsnoopSkeleton.Open().Object),
        new("naptime", "Sleeps that programs ask for: an event for each as it begins, with the time asked for", static () => NaptimeSkeleton.Open().Object),
        new("opensnoop", "Files that are opened: an event for each system call, with its result", static () => OpensnoopSkeleton.Open().Object),
        new("pidpersec", "Processes and threads that begin, by second and by the command that starts them", static () => PidpersecSkeleton.Open().Object),
        new("runqlat", "How long tasks wait for a CPU, as a histogram of microseconds", static () => RunqlatSkeleton.Open().Object),
        new("statsnoop", "Files and file systems whose attributes are asked for by path: an event for each system call, with its result", static () => StatsnoopSkeleton.Open().Object),
        new("syncsnoop", "Requests to write data to the disk: an event for each system call that ends, with its result", static () => SyncsnoopSkeleton.Open().Object),
        new("syscount", "System calls by command, and by system call", static () => SyscountSkeleton.Open().Object),
    ];

    private readonly Func<BpfObjectSpec> _open;

    private BpfTemplate(string name, string description, Func<BpfObjectSpec> open)
    {
        Name = name;
        Description = description;
        _open = open;
    }

    /// <summary>All templates, by name.</summary>
    public static IReadOnlyList<BpfTemplate> All => s_all;

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>What it shows, in one sentence without a full stop.</summary>
    public string Description { get; }

    /// <summary>Its parameters with their defaults.</summary>
    public IReadOnlyList<BpfParameter> Parameters => BpfParameter.Of(ReadSpec());

    /// <summary>Finds a template; null where there is none with that name.</summary>
    /// <param name="name">The name.</param>
    public static BpfTemplate? Find(string name) => Array.Find(s_all, one => one.Name == name);

    /// <summary>Reads its object anew. Set its parameters with <see cref="BpfParameter.Set"/>, then load it with <see cref="BpfObject.Load"/>.</summary>
    public BpfObjectSpec ReadSpec() => _open();
}
