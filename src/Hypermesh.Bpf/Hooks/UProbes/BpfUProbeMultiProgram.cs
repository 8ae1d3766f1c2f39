using Hypermesh.Bpf.Objects.Binaries;
using Hypermesh.Bpf.Objects.Symbols;

namespace Hypermesh.Bpf;

/// <summary>
/// A program at many places of a user program or library by one link: at entry (<c>uprobe.multi/FILE:PATTERN</c>), at return (<c>uretprobe.multi</c>; 6.6), or at both
/// as one session (<c>uprobe.session</c>, 6.13).
/// </summary>
public sealed class BpfUProbeMultiProgram : BpfProgram
{
    internal BpfUProbeMultiProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>True when it runs as the functions return, and not at their entry.</summary>
    public bool IsReturn => SectionName.StartsWith("uretprobe.multi", StringComparison.Ordinal);

    /// <summary>True when it runs at entry and at return.</summary>
    public bool IsSession => Descriptor.AttachType == BpfAttachType.TraceUProbeSession;

    /// <summary>Attaches to the functions that fit the section's pattern, in all processes. Needs CAP_BPF and CAP_PERFMON.</summary>
    /// <returns>The link; the live object keeps it, so it may be dropped.</returns>
    /// <exception cref="BpfFeatureNotSupportedException">There is no such file, no function in it fits, or the kernel has no such links (6.6).</exception>
    /// <exception cref="BpfObjectFormatException">The file is no 64-bit program or library, or is damaged.</exception>
    /// <exception cref="BpfException">The program is not loaded, or attached there already, or its section has no pattern.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfLink Attach()
    {
        const string Example = "uprobe.multi/libc.so.6:pthread_*";
        UserTarget target = UserTarget.Parse(RequiredTarget(Example)) ?? throw new BpfException(
            $"Program {Name}: section {SectionName} names no functions; write it like SEC(\"{Example}\").", Descriptor.ObjectName, Name);
        return Attach(target.Binary, target.Name);
    }

    /// <summary>Attaches to the functions that fit a pattern.</summary>
    /// <param name="binary">The program's or library's path, or its bare name.</param>
    /// <param name="pattern"><c>*</c> stands for any text, <c>?</c> for one character.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <inheritdoc cref="Attach()"/>
    public BpfLink Attach(string binary, string pattern, UProbeMultiOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        if (!GlobPattern.IsPattern(pattern))
        {
            return Attach(binary, [pattern], options);
        }

        if (options is { Cookies: not null } or { ReferenceCounterOffsets: not null })
        {
            throw new BpfException(
                $"Program {Name}: a pattern ({pattern}) has no order, so its functions have neither cookies nor counters; give the functions by name.", Descriptor.ObjectName, Name);
        }

        return Attach(binary, pattern, options, (request, file) => BinarySymbols.Matching(file.File, pattern) is { Count: > 0 } found
            ? [.. found]
            : throw request.Absent($"A function of {file.Path} that fits {pattern}", "another pattern, or a file that was not stripped", "symbols", Errno.ENOENT));
    }

    /// <summary>Attaches to functions by name, all of them or none.</summary>
    /// <param name="binary">The program's or library's path, or its bare name.</param>
    /// <param name="functions">The functions, exported or static.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <inheritdoc cref="Attach()"/>
    public BpfLink Attach(string binary, IReadOnlyList<string> functions, UProbeMultiOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(functions);
        return Attach(binary, ProbePlaces.Describe(functions), options, (request, file) => [.. functions.Select(function => file.Find(request, function))]);
    }

    /// <summary>Attaches to instructions by their places in the file.</summary>
    /// <param name="binary">The program's or library's path, or its bare name.</param>
    /// <param name="offsets">The bytes in the file.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <inheritdoc cref="Attach()"/>
    public BpfLink Attach(string binary, IReadOnlyList<ulong> offsets, UProbeMultiOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(offsets);
        return Attach(binary, ProbePlaces.Describe(offsets), options, (_, _) => [.. offsets]);
    }

    internal override BpfLink? AutoAttach() => TargetName is null ? null : Attach();

    private BpfLink Attach(string binary, string places, UProbeMultiOptions? options, Func<LinkRequest, UserBinary, ulong[]> find)
    {
        ArgumentException.ThrowIfNullOrEmpty(binary);
        options ??= new UProbeMultiOptions();
        string target = ProbePlaces.Describe($"{binary}:{places}", 0, options.ProcessId);
        return AttachTo(target, program =>
        {
            LinkRequest request = Request(target, Capabilities.Bpf | Capabilities.PerfMon);
            using UserBinary file = UserBinary.Open(request, binary);
            return UProbeMultiLink.Open(request, program, Descriptor.AttachType, file.Path, IsReturn, find(request, file), options);
        });
    }
}
