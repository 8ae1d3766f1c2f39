using System.Text;
using Hypermesh.Bpf.Btf;
using Hypermesh.Bpf.Features;
using Hypermesh.Bpf.Hooks.TraceEvents;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.NameMatching;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf;

/// <summary>
/// A typed program attached to many kernel functions by one link: at entry (<c>fentry.multi</c>), at exit (<c>fexit.multi</c>), or at both as one session
/// (<c>fsession.multi</c>; 7.2). Because one program serves functions of any type, it reads arguments and results with <c>bpf_get_func_arg</c> and
/// <c>bpf_get_func_ret</c>, and identifies the function with <c>bpf_get_func_ip</c> or its cookie.
/// </summary>
/// <remarks>
/// It is for functions of the kernel, or of the one module its section names (<c>SEC("fentry.multi/MODULE:PATTERN")</c>); the functions are chosen when it is attached.
/// </remarks>
public sealed class BpfTracingMultiProgram : BpfProgram
{
    internal BpfTracingMultiProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>True if the program runs when the functions return, false if it runs at their entry.</summary>
    public bool IsReturn => Descriptor.AttachType == BpfAttachType.TraceFExitMulti;

    /// <summary>True if the program runs at entry and at return.</summary>
    public bool IsSession => Descriptor.AttachType == BpfAttachType.TraceFSessionMulti;

    /// <summary>The module whose functions it was loaded for; null for the kernel.</summary>
    public string? Module => TargetName is { } target ? Split(target).Module : null;

    /// <summary>Attaches to the functions that match the section's pattern. Needs CAP_BPF and CAP_PERFMON, and CAP_SYS_ADMIN for functions of a module.</summary>
    /// <returns>The link; the live object keeps it, so it may be dropped.</returns>
    /// <exception cref="BpfFeatureNotSupportedException">No function matches, one of them does not exist, or the kernel does not support such links (7.2, x86-64).</exception>
    /// <exception cref="BpfException">The program is not loaded, or attached there already, or its section has no pattern.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call: one of the functions cannot be traced (EINVAL).</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfProgramLink Attach() => Attach(RequiredTarget("fentry.multi/tcp_*"));

    /// <summary>Attaches to the functions that match a pattern. Functions that cannot be traced are skipped if tracefs can be read.</summary>
    /// <param name="pattern"><c>*</c> matches any text, <c>?</c> matches one character; it can begin with the module that the program was loaded for, and a colon.</param>
    /// <inheritdoc cref="Attach()"/>
    public BpfProgramLink Attach(string pattern)
    {
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        string own = Own(pattern);
        return GlobPattern.IsPattern(own)
            ? Attach(pattern, (in request, known) => known.Matching(request, own), cookies: null)
            : Attach([own]);
    }

    /// <summary>Attaches to functions by name, all of them or none.</summary>
    /// <param name="functions">The functions.</param>
    /// <param name="cookies">One number for each function, in the order of the functions, which the program reads with <c>bpf_get_attach_cookie</c>; null for none.</param>
    /// <inheritdoc cref="Attach()"/>
    public BpfProgramLink Attach(IReadOnlyList<string> functions, IReadOnlyList<ulong>? cookies = null)
    {
        ArgumentNullException.ThrowIfNull(functions);
        string[] own = [.. functions.Select(Own)];
        return Attach(ProbePlaces.Describe(functions), (in request, known) => known.Named(request, own), cookies);
    }

    /// <summary>Attaches to functions by their type IDs in the BTF of the kernel, or of <see cref="Module"/>.</summary>
    /// <param name="typeIds">The type IDs, as in <see cref="KernelBtf"/>.</param>
    /// <param name="cookies">One number for each function, in the order of the functions; null for none.</param>
    /// <inheritdoc cref="Attach()"/>
    public BpfProgramLink Attach(IReadOnlyList<int> typeIds, IReadOnlyList<ulong>? cookies = null)
    {
        ArgumentNullException.ThrowIfNull(typeIds);
        int[] ids = [.. typeIds];
        return Attach(ProbePlaces.Describe([.. ids.Select(static id => $"type {id}")]), (in _, _) => ids, cookies);
    }

    internal override BpfProgramLink? AutoAttach() => TargetName is null ? null : Attach();

    private delegate int[] Choice(in LinkRequest request, TracedFunctions known);

    private BpfProgramLink Attach(string target, Choice choose, IReadOnlyList<ulong>? cookies) => AttachTo(target, program =>
    {
        LinkRequest request = Request(target, Capabilities.Bpf | Capabilities.PerfMon);
        using var running = new RunningTypes(request.Kernel);
        TracedFunctions known = TracedFunctions.Of(request, running, Module);
        return TraceMultiLink.Open(request, program, Descriptor.AttachType, known, choose(request, known), cookies);
    });

    // The name without its module, which was fixed when the program was loaded.
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

/// <summary>Attaches a typed program to many kernel functions by one link (7.2): at entry, at exit, or at both as a session.</summary>
internal static unsafe class TraceMultiLink
{
    private const string NotAllowed =
        "The kernel accepts all of them or none. One may be on its list of functions that cannot be traced, may not allow a sleepable program, or never returns: leave it out.";

    internal static DescriptorLink Open(in LinkRequest request, int program, BpfAttachType type, TracedFunctions known, int[] ids, IReadOnlyList<ulong>? cookies)
    {
        Check(request, ids, cookies);
        fixed (int* functions = ids)
        fixed (ulong* numbers = cookies is null ? null : (ulong[])[.. cookies])
        {
            LinkCreateAttr attributes = default;
            attributes.ProgFd = (uint)program;
            attributes.AttachType = (uint)type;
            attributes.TracingMultiIds = (ulong)functions;
            attributes.TracingMultiCookies = (ulong)numbers;
            attributes.TracingMultiCnt = (uint)ids.Length;
            long result = BpfCalls.CreateLink(request.Kernel, ref attributes);
            return result >= 0 ? new DescriptorLink(new BpfHandle(request.Kernel, result)) : throw Failure(request, known, ids, result);
        }
    }

    private static void Check(in LinkRequest request, int[] ids, IReadOnlyList<ulong>? cookies)
    {
        string? wrong = ids.Length == 0 ? "no function was passed"
            : cookies is not null && cookies.Count != ids.Length ? $"there are {cookies.Count} cookies for {ids.Length} functions; pass one for each function"
            : ids.Distinct().Count() != ids.Length ? "a function was passed twice"
            : null;
        if (wrong is not null)
        {
            throw new BpfException($"Program {request.ProgramName}: {wrong}.", request.ObjectName, request.ProgramName);
        }
    }

    private static BpfSyscallException Failure(in LinkRequest request, TracedFunctions known, int[] ids, long result) => (int)-result switch
    {
        Errno.ENOENT when known.FirstUntraceable(request.Kernel, ids) is { } function => KernelFunctions.Missing(request, function, "BPF_LINK_CREATE"),
        Errno.EOPNOTSUPP when !LinkFeatures.TracingMultiLink.Has(request.Kernel) && FeatureNeeds.Of(BpfFeature.TracingMultiLink) is var (name, needs)
            => request.Absent(name, needs, "BPF_LINK_CREATE", Errno.EOPNOTSUPP),
        Errno.EINVAL => request.Error(BpfCommand.LinkCreate, result, LinkFeatures.TracingMultiLink, NotAllowed),
        _ => request.Error(BpfCommand.LinkCreate, result),
    };
}

/// <summary>The functions of the kernel, or of one module, by type ID, for links of typed programs to many functions.</summary>
internal sealed class TracedFunctions
{
    // The largest number of parameters that the trampolines of typed programs support.
    private const int MostParameters = 12;
    private const int LargestParameter = 16;

    private readonly BtfTypes _types;

    private TracedFunctions(BtfTypes types) => _types = types;

    /// <summary>Returns the functions of a module, or of the kernel for null.</summary>
    /// <exception cref="BpfFeatureNotSupportedException">The module is not loaded, or the kernel has no types.</exception>
    internal static TracedFunctions Of(in LinkRequest request, RunningTypes running, string? module)
        => new(module is null ? running.Kernel : running.FindModule(module)?.Types
            ?? throw request.Absent($"Module {module}", "to be still loaded, and CAP_SYS_ADMIN to read its types", "BTF", Errno.ESRCH));

    /// <summary>Returns the type IDs of functions, in the order of their names.</summary>
    /// <exception cref="BpfFeatureNotSupportedException">A function does not exist.</exception>
    internal int[] Named(in LinkRequest request, IReadOnlyList<string> names)
    {
        int[] ids = new int[names.Count];
        for (int i = 0; i < ids.Length; i++)
        {
            ids[i] = _types.FindOwn(Encoding.UTF8.GetBytes(names[i]), BtfKind.Function) is > 0 and int id
                ? id : throw Missing(request, names[i]);
        }

        return ids;
    }

    /// <summary>
    /// Returns the type IDs of all functions that match a pattern, have parameters that a trampoline supports, and are traceable according to tracefs. Without tracefs, the
    /// kernel decides whether they can be traced.
    /// </summary>
    /// <exception cref="BpfFeatureNotSupportedException">There is no such function.</exception>
    internal int[] Matching(in LinkRequest request, string pattern)
    {
        HashSet<string>? traceable = KernelFunctions.TryTraceable(request.Kernel, pattern);
        byte[] start = Encoding.UTF8.GetBytes(pattern[..pattern.AsSpan().IndexOfAny('*', '?')]);
        var found = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int id = _types.FirstId; id < _types.Count; id++)
        {
            BtfType type = _types[id];
            if (type.Kind == BtfKind.Function && type.NameBytes.StartsWith(start) && type.Name is var name
                && GlobPattern.Matches(pattern, name) && traceable?.Contains(name) != false && CanBePassedOn(_types[type.TypeId]))
            {
                found.TryAdd(name, id);
            }
        }

        return found.Count > 0 ? [.. found.Values]
            : throw request.Absent($"A function that matches {pattern}", "another pattern, or a kernel whose BTF has such functions and that can trace them", "BTF", Errno.ENOENT);
    }

    /// <summary>The first function that tracefs does not list; null if it lists all, or cannot be read.</summary>
    internal string? FirstUntraceable(IKernel kernel, int[] ids)
    {
        HashSet<string>? traceable = KernelFunctions.TryTraceable(kernel, "*");
        return traceable is null ? null : ids.Select(id => id < _types.Count ? _types[id].Name : $"type {id}").FirstOrDefault(name => !traceable.Contains(name));
    }

    private static BpfFeatureNotSupportedException Missing(in LinkRequest request, string function) => KernelFunctions.Count(request.Kernel, function) > 0
        ? request.Absent($"The type of kernel function {function}", "a kernel, or the module it was loaded for, whose BTF has it (kprobe.multi attaches to functions without types)", "BTF", Errno.ESRCH)
        : KernelFunctions.Missing(request, function, "BTF");

    private bool CanBePassedOn(BtfType prototype)
    {
        if (prototype.Kind != BtfKind.FunctionPrototype || prototype.Length > MostParameters
            || !(prototype.TypeId == 0 || IsNumber(_types[_types.SkipModifiers(prototype.TypeId)])))
        {
            return false;
        }

        for (int i = 0; i < prototype.Length; i++)
        {
            // A type of 0 means variable arguments, as in printf.
            BtfType parameter = _types[_types.SkipModifiers(prototype.Parameter(i).TypeId)];
            if (!IsNumber(parameter) && !(parameter.IsComposite && parameter.Size is > 0 and <= LargestParameter))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsNumber(BtfType type) => type.IsEnum || type.Kind is BtfKind.Pointer || (type.Kind is BtfKind.Int && type.Size <= LargestParameter);
}
