using Hypermesh.Bpf.Objects.Symbols;

namespace Hypermesh.Bpf;

/// <summary>
/// A typed program at many kernel functions by one link: at entry (<c>fentry.multi</c>), at exit (<c>fexit.multi</c>), or at both as one session
/// (<c>fsession.multi</c>; 7.2). Since one program serves functions of any type, it reads arguments and results by <c>bpf_get_func_arg</c> and
/// <c>bpf_get_func_ret</c>, and learns where it is by <c>bpf_get_func_ip</c> or its cookie.
/// </summary>
/// <remarks>
/// It is for functions of the kernel, or of the one module its section names (<c>SEC("fentry.multi/MODULE:PATTERN")</c>); which of them is said when it is attached.
/// </remarks>
public sealed class BpfTracingMultiProgram : BpfProgram
{
    internal BpfTracingMultiProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>True when it runs as the functions return, and not at their entry.</summary>
    public bool IsReturn => Descriptor.AttachType == BpfAttachType.TraceFExitMulti;

    /// <summary>True when it runs at entry and at return.</summary>
    public bool IsSession => Descriptor.AttachType == BpfAttachType.TraceFSessionMulti;

    /// <summary>The module whose functions it was loaded for, null for the kernel's.</summary>
    public string? Module => TargetName is { } target ? Split(target).Module : null;

    /// <summary>Attaches to the functions that fit the section's pattern. Needs CAP_BPF and CAP_PERFMON, and CAP_SYS_ADMIN for functions of a module.</summary>
    /// <returns>The link; the live object keeps it, so it may be dropped.</returns>
    /// <exception cref="BpfFeatureNotSupportedException">No function fits, one of them is not there, or the kernel has no such links (7.2, x86-64).</exception>
    /// <exception cref="BpfException">The program is not loaded, or attached there already, or its section has no pattern.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused: one of the functions may not be traced (EINVAL).</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfLink Attach() => Attach(RequiredTarget("fentry.multi/tcp_*"));

    /// <summary>Attaches to the functions that fit a pattern. What no program can be attached to is passed over where a readable tracefs tells it.</summary>
    /// <param name="pattern"><c>*</c> stands for any text, <c>?</c> for one character; it may begin with the module the program was loaded for, and a colon.</param>
    /// <inheritdoc cref="Attach()"/>
    public BpfLink Attach(string pattern)
    {
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        string own = Own(pattern);
        return GlobPattern.IsPattern(own)
            ? Attach(pattern, (in request, known) => known.Matching(request, own), cookies: null)
            : Attach([own]);
    }

    /// <summary>Attaches to functions by name, all of them or none.</summary>
    /// <param name="functions">The functions.</param>
    /// <param name="cookies">One number for each function, in their order, which the program reads by <c>bpf_get_attach_cookie</c>; null for none.</param>
    /// <inheritdoc cref="Attach()"/>
    public BpfLink Attach(IReadOnlyList<string> functions, IReadOnlyList<ulong>? cookies = null)
    {
        ArgumentNullException.ThrowIfNull(functions);
        string[] own = [.. functions.Select(Own)];
        return Attach(ProbePlaces.Describe(functions), (in request, known) => known.Named(request, own), cookies);
    }

    /// <summary>Attaches to functions by their numbers in the types of the kernel, or of <see cref="Module"/>.</summary>
    /// <param name="typeIds">The numbers, as <see cref="KernelBtf"/> has them.</param>
    /// <param name="cookies">One number for each function, in their order; null for none.</param>
    /// <inheritdoc cref="Attach()"/>
    public BpfLink Attach(IReadOnlyList<int> typeIds, IReadOnlyList<ulong>? cookies = null)
    {
        ArgumentNullException.ThrowIfNull(typeIds);
        int[] ids = [.. typeIds];
        return Attach(ProbePlaces.Describe([.. ids.Select(static id => $"type {id}")]), (in _, _) => ids, cookies);
    }

    internal override BpfLink? AutoAttach() => TargetName is null ? null : Attach();

    private delegate int[] Choice(in LinkRequest request, TracedFunctions known);

    private BpfLink Attach(string target, Choice choose, IReadOnlyList<ulong>? cookies) => AttachTo(target, program =>
    {
        LinkRequest request = Request(target, Capabilities.Bpf | Capabilities.PerfMon);
        using var running = new RunningTypes(request.Kernel);
        TracedFunctions known = TracedFunctions.Of(request, running, Module);
        return TraceMultiLink.Open(request, program, Descriptor.AttachType, known, choose(request, known), cookies);
    });

    // The name without its module, which is settled since the program was loaded.
    private string Own(string function)
    {
        (string? module, string name) = Split(function);
        return module == Module || !function.Contains(':', StringComparison.Ordinal) ? name : throw new BpfException(
            $"Program {Name} was loaded for functions of {(Module is { } own ? "module " + own : "the kernel")} and cannot be attached to {function}: name the module in its section, like SEC(\"fentry.multi/{module ?? "MODULE"}:*\").",
            Descriptor.ObjectName, Name);
    }

    private static (string? Module, string Name) Split(string function)
    {
        int colon = function.IndexOf(':', StringComparison.Ordinal);
        string? module = colon < 0 || function[..colon] == RunningTypes.KernelName ? null : function[..colon];
        return (module, function[(colon + 1)..]);
    }
}
