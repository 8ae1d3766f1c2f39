using Hypermesh.Bpf.Features;
using Hypermesh.Bpf.Hooks.TraceEvents;
using Hypermesh.Bpf.Objects.NameMatching;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf;

/// <summary>
/// A program attached to many kernel functions by one link: at entry (<c>kprobe.multi</c>), at return (<c>kretprobe.multi</c>; 5.18), or at both as one session
/// (<c>kprobe.session</c>, 6.10), whose entry can skip its return.
/// </summary>
public sealed class BpfKProbeMultiProgram : BpfProgram
{
    internal BpfKProbeMultiProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>True if the program runs when the functions return, false if it runs at their entry.</summary>
    public bool IsReturn => Descriptor.IsReturn;

    /// <summary>True if the program runs at entry and at return.</summary>
    public bool IsSession => Descriptor.AttachType == BpfAttachType.TraceKProbeSession;

    /// <summary>Attaches to the functions that match the section's pattern. Needs CAP_BPF and CAP_PERFMON; patterns with <c>*</c> or <c>?</c> a readable tracefs.</summary>
    /// <returns>The link; the live object keeps it, so it may be dropped.</returns>
    /// <exception cref="BpfFeatureNotSupportedException">No function matches, one of them does not exist, or the kernel does not support such links (5.18, CONFIG_FPROBE).</exception>
    /// <exception cref="BpfException">The program is not loaded, or attached there already, or its section has no pattern.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfProgramLink Attach() => Attach(RequiredTarget("kprobe.multi/tcp_*"));

    /// <summary>Attaches to the functions that match a pattern.</summary>
    /// <param name="pattern"><c>*</c> matches any text, <c>?</c> matches one character.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <inheritdoc cref="Attach()"/>
    public BpfProgramLink Attach(string pattern, KProbeMultiOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        options ??= new KProbeMultiOptions();
        if (options.Cookies is not null && GlobPattern.IsPattern(pattern))
        {
            throw new BpfException($"Program {Name}: the functions of a pattern ({pattern}) have no order, so they cannot have cookies: pass the functions by name.", Descriptor.ObjectName, Name);
        }

        if (!GlobPattern.IsPattern(pattern) && !options.Unique)
        {
            return Attach([pattern], options);
        }

        return AttachTo(pattern, program =>
        {
            LinkRequest request = Needs(pattern);
            ulong[] functions = KernelFunctions.Matching(request, pattern);
            return options.Unique && functions.Length > 1
                ? throw new BpfException($"Program {Name}: {functions.Length} functions match {pattern}, and Unique allows only one: use a more exact pattern.", Descriptor.ObjectName, Name)
                : KProbeMultiLink.OpenAddresses(request, program, Descriptor.AttachType, IsReturn, functions, null);
        });
    }

    /// <summary>Attaches to functions by name, all of them or none.</summary>
    /// <param name="functions">The functions.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <inheritdoc cref="Attach()"/>
    public BpfProgramLink Attach(IReadOnlyList<string> functions, KProbeMultiOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(functions);
        string target = ProbePlaces.Describe(functions);
        return AttachTo(target, program => KProbeMultiLink.OpenNames(Needs(target), program, Descriptor.AttachType, IsReturn, functions, options?.Cookies));
    }

    /// <summary>Attaches to functions by their addresses in <c>/proc/kallsyms</c>.</summary>
    /// <param name="addresses">The addresses.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <inheritdoc cref="Attach()"/>
    public BpfProgramLink Attach(IReadOnlyList<ulong> addresses, KProbeMultiOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(addresses);
        string target = ProbePlaces.Describe(addresses);
        return AttachTo(target, program => KProbeMultiLink.OpenAddresses(Needs(target), program, Descriptor.AttachType, IsReturn, [.. addresses], options?.Cookies));
    }

    internal override BpfProgramLink? AutoAttach() => TargetName is null ? null : Attach();

    private LinkRequest Needs(string target) => Request(target, Capabilities.Bpf | Capabilities.PerfMon);
}

/// <summary>Options for attaching a program to many kernel functions at once.</summary>
public sealed record KProbeMultiOptions
{
    /// <summary>One number for each function, in the order of the functions, which the program reads with <c>bpf_get_attach_cookie</c>; null for none. Not for patterns.</summary>
    public IReadOnlyList<ulong>? Cookies { get; init; }

    /// <summary>True to reject a pattern that matches more than one function.</summary>
    public bool Unique { get; init; }
}

/// <summary>Probes many kernel functions by one link (5.18): at entry, at return, or at both as a session (6.10).</summary>
internal static unsafe class KProbeMultiLink
{
    private const uint ReturnFlag = 1;

    internal static DescriptorLink OpenNames(in LinkRequest request, int program, BpfAttachType type, bool isReturn, IReadOnlyList<string> functions, IReadOnlyList<ulong>? cookies)
    {
        using var names = new NativeStrings(functions);
        fixed (nint* start = names.Pointers)
        {
            LinkCreateAttr attributes = Attributes(program, type, isReturn, functions.Count);
            attributes.KprobeMultiSyms = (ulong)start;
            long result = Create(request, attributes, cookies);
            return result >= 0 ? new DescriptorLink(new BpfHandle(request.Kernel, result))
                : result is -Errno.ESRCH or -Errno.ENOENT ? throw MissingOf(request, functions)
                : throw request.Error(BpfCommand.LinkCreate, result, LinkFeatures.KProbeMultiLink);
        }
    }

    internal static DescriptorLink OpenAddresses(in LinkRequest request, int program, BpfAttachType type, bool isReturn, ulong[] addresses, IReadOnlyList<ulong>? cookies)
    {
        fixed (ulong* start = addresses)
        {
            LinkCreateAttr attributes = Attributes(program, type, isReturn, addresses.Length);
            attributes.KprobeMultiAddrs = (ulong)start;
            long result = Create(request, attributes, cookies);
            return result >= 0 ? new DescriptorLink(new BpfHandle(request.Kernel, result)) : throw request.Error(BpfCommand.LinkCreate, result, LinkFeatures.KProbeMultiLink);
        }
    }

    private static LinkCreateAttr Attributes(int program, BpfAttachType type, bool isReturn, int count)
    {
        LinkCreateAttr attributes = default;
        attributes.ProgFd = (uint)program;
        attributes.AttachType = (uint)type;
        attributes.KprobeMultiFlags = isReturn ? ReturnFlag : 0;
        attributes.KprobeMultiCnt = (uint)count;
        return attributes;
    }

    private static long Create(in LinkRequest request, LinkCreateAttr attributes, IReadOnlyList<ulong>? cookies)
    {
        if (cookies is not null && cookies.Count != attributes.KprobeMultiCnt)
        {
            throw new BpfException(
                $"Program {request.ProgramName}: Cookies has {cookies.Count} numbers for {attributes.KprobeMultiCnt} functions: pass one for each function.", request.ObjectName, request.ProgramName);
        }

        fixed (ulong* start = cookies is null ? null : (ulong[])[.. cookies])
        {
            attributes.KprobeMultiCookies = (ulong)start;
            return BpfCalls.CreateLink(request.Kernel, ref attributes);
        }
    }

    // The kernel does not say which function does not exist.
    private static BpfFeatureNotSupportedException MissingOf(in LinkRequest request, IReadOnlyList<string> functions)
        => KernelFunctions.FirstMissing(request.Kernel, functions) is { } function
            ? KernelFunctions.Missing(request, function, "BPF_LINK_CREATE")
            : request.Absent($"One of {string.Join(", ", functions)}", "functions that can be traced", "BPF_LINK_CREATE", Errno.ESRCH);
}
