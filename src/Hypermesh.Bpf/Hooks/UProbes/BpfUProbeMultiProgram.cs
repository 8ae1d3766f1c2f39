using System.Text;
using Hypermesh.Bpf.Features;
using Hypermesh.Bpf.Hooks.TraceEvents;
using Hypermesh.Bpf.Hooks.UProbes;
using Hypermesh.Bpf.Objects.Executables;
using Hypermesh.Bpf.Objects.NameMatching;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf;

/// <summary>
/// A program attached to many places of a user program or library by one link: at entry (<c>uprobe.multi/FILE:PATTERN</c>), at return (<c>uretprobe.multi</c>; 6.6), or at both
/// as one session (<c>uprobe.session</c>, 6.13).
/// </summary>
public sealed class BpfUProbeMultiProgram : BpfProgram
{
    internal BpfUProbeMultiProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>True if the program runs when the functions return, false if it runs at their entry.</summary>
    public bool IsReturn => Descriptor.IsReturn;

    /// <summary>True if the program runs at entry and at return.</summary>
    public bool IsSession => Descriptor.AttachType == BpfAttachType.TraceUProbeSession;

    /// <summary>Attaches to the functions that match the section's pattern, in all processes. Needs CAP_BPF and CAP_PERFMON.</summary>
    /// <returns>The link; the live object keeps it, so it may be dropped.</returns>
    /// <exception cref="BpfFeatureNotSupportedException">There is no such file, no function in it matches, or the kernel does not support such links (6.6).</exception>
    /// <exception cref="BpfObjectFormatException">The file is not a 64-bit program or library, or is damaged.</exception>
    /// <exception cref="BpfException">The program is not loaded, or attached there already, or its section has no pattern.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfProgramLink Attach()
    {
        const string Example = "uprobe.multi/libc.so.6:pthread_*";
        UserTarget target = UserTarget.Parse(RequiredTarget(Example)) ?? throw new BpfException(
            $"Program {Name}: section {SectionName} names no functions: write it like SEC(\"{Example}\").", Descriptor.ObjectName, Name);
        return Attach(target.Binary, target.Name);
    }

    /// <summary>Attaches to the functions that match a pattern.</summary>
    /// <param name="binary">The program's or library's path, or its bare name.</param>
    /// <param name="pattern"><c>*</c> matches any text, <c>?</c> matches one character.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <inheritdoc cref="Attach()"/>
    public BpfProgramLink Attach(string binary, string pattern, UProbeMultiOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        if (!GlobPattern.IsPattern(pattern))
        {
            return Attach(binary, [pattern], options);
        }

        if (options is { Cookies: not null } or { ReferenceCounterOffsets: not null })
        {
            throw new BpfException(
                $"Program {Name}: the functions of a pattern ({pattern}) have no order, so they cannot have cookies or counters: pass the functions by name.", Descriptor.ObjectName, Name);
        }

        return Attach(binary, pattern, options, (request, file) => BinarySymbols.Matching(file.File, pattern) is { Count: > 0 } found
            ? [.. found]
            : throw request.Absent($"A function of {file.Path} that matches {pattern}", "another pattern, or a file that was not stripped", "symbols", Errno.ENOENT));
    }

    /// <summary>Attaches to functions by name, all of them or none.</summary>
    /// <param name="binary">The program's or library's path, or its bare name.</param>
    /// <param name="functions">The functions, exported or static.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <inheritdoc cref="Attach()"/>
    public BpfProgramLink Attach(string binary, IReadOnlyList<string> functions, UProbeMultiOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(functions);
        return Attach(binary, ProbePlaces.Describe(functions), options, (request, file) => [.. functions.Select(function => file.Find(request, function))]);
    }

    /// <summary>Attaches to instructions by their offsets in the file.</summary>
    /// <param name="binary">The program's or library's path, or its bare name.</param>
    /// <param name="offsets">The offsets in the file, in bytes.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <inheritdoc cref="Attach()"/>
    public BpfProgramLink Attach(string binary, IReadOnlyList<ulong> offsets, UProbeMultiOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(offsets);
        return Attach(binary, ProbePlaces.Describe(offsets), options, (_, _) => [.. offsets]);
    }

    internal override BpfProgramLink? AutoAttach() => TargetName is null ? null : Attach();

    private BpfProgramLink Attach(string binary, string places, UProbeMultiOptions? options, Func<LinkRequest, UserBinary, ulong[]> find)
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

/// <summary>Options for attaching a program to many places of a user program or library at once.</summary>
public sealed record UProbeMultiOptions
{
    /// <summary>The process whose calls count; null for all.</summary>
    public int? ProcessId { get; init; }

    /// <summary>One number for each place, in the order of the places, which the program reads with <c>bpf_get_attach_cookie</c>; null for none. Not for patterns.</summary>
    public IReadOnlyList<ulong>? Cookies { get; init; }

    /// <summary>For each place the offset of its 16-bit reference counter in the file, 0 for none; null if no place has one. Not for patterns.</summary>
    public IReadOnlyList<ulong>? ReferenceCounterOffsets { get; init; }
}

/// <summary>Probes many places of a user program or library by one link (6.6): at entry, at return, or at both as a session (6.13).</summary>
internal static unsafe class UProbeMultiLink
{
    private const uint ReturnFlag = 1;

    internal static DescriptorLink Open(in LinkRequest request, int program, BpfAttachType type, string path, bool isReturn, ulong[] offsets, UProbeMultiOptions options)
    {
        CheckCount(request, offsets, options.Cookies, "cookies");
        CheckCount(request, offsets, options.ReferenceCounterOffsets, "reference counters");
        fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0'))
        fixed (ulong* places = offsets)
        fixed (ulong* cookies = options.Cookies is null ? null : (ulong[])[.. options.Cookies])
        fixed (ulong* counters = options.ReferenceCounterOffsets is null ? null : (ulong[])[.. options.ReferenceCounterOffsets])
        {
            LinkCreateAttr attributes = default;
            attributes.ProgFd = (uint)program;
            attributes.AttachType = (uint)type;
            attributes.UprobeMultiPath = (ulong)name;
            attributes.UprobeMultiOffsets = (ulong)places;
            attributes.UprobeMultiRefCtrOffsets = (ulong)counters;
            attributes.UprobeMultiCookies = (ulong)cookies;
            attributes.UprobeMultiCnt = (uint)offsets.Length;
            attributes.UprobeMultiFlags = isReturn ? ReturnFlag : 0;
            attributes.UprobeMultiPid = (uint)(options.ProcessId ?? 0);
            return KernelLink.Create(request, ref attributes, LinkFeatures.UProbeMultiLink);
        }
    }

    private static void CheckCount(in LinkRequest request, ulong[] offsets, IReadOnlyList<ulong>? numbers, string what)
    {
        if (numbers is not null && numbers.Count != offsets.Length)
        {
            throw new BpfException($"Program {request.ProgramName}: there are {numbers.Count} {what} for {offsets.Length} places of {request.Target}: pass one for each place.", request.ObjectName, request.ProgramName);
        }
    }
}
