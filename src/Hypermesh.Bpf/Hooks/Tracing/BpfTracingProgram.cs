using Hypermesh.Bpf.Programs;
using Hypermesh.Bpf.TestRuns;

namespace Hypermesh.Bpf;

/// <summary>
/// A program on a BTF-typed target: a tracepoint (<c>tp_btf</c>, 5.5), the entry or exit of a function (<c>fentry</c>, <c>fexit</c>, 5.5), a function whose result it can
/// change (<c>fmod_ret</c>, 5.7), entry and exit as one session (<c>fsession</c>, 7.0). The target was fixed when it was loaded.
/// </summary>
public sealed class BpfTracingProgram : BpfProgram
{
    internal BpfTracingProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Attaches where the section says. Needs CAP_BPF and CAP_PERFMON.</summary>
    /// <param name="cookie">A number the program reads by <c>bpf_get_attach_cookie</c> (5.19; on tracepoints 6.10); 0 for none.</param>
    /// <returns>The link; the live object keeps it, so it may be dropped.</returns>
    /// <exception cref="BpfException">The program is not loaded, or attached there already.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfProgramLink Attach(ulong cookie = 0)
    {
        string target = RequiredTarget("tp_btf/sched_switch");
        return AttachTo(target, program => TraceLink.Open(Request(target, Capabilities.Bpf | Capabilities.PerfMon), program, Descriptor.AttachType, cookie));
    }

    /// <summary>
    /// Calls the kernel's test functions (<c>bpf_fentry_test1</c> to <c>8</c>, <c>bpf_modify_return_test</c>), to which a program can be attached (5.7). A program at the
    /// entry or exit of a function makes the kernel call the former, a program that changes results (<c>fmod_ret</c>) the latter.
    /// </summary>
    /// <remarks>The program must be loaded for one of those functions, and attached if it is to run.</remarks>
    /// <returns>For <c>fmod_ret</c>, the sum of the functions' return values in the lower 16 bits, and the number of functions that were really called in the upper 16 bits; otherwise 0.</returns>
    /// <exception cref="BpfException">The program is not loaded.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EFAULT: a program changed the return values of the functions.</exception>
    public BpfTestRunResult TestRun()
        => TestRunCall.Run(this, [], [], new BpfTestRunOptions(), 0);

    internal override BpfProgramLink AutoAttach() => Attach();
}

/// <summary>Attaches a program that was loaded for a BTF-typed target: tracepoint, function entry or exit, security hook (5.5; with a cookie 5.19).</summary>
internal static class TraceLink
{
    /// <summary>Attaches to the target that the program was loaded for.</summary>
    /// <param name="request">The program and its target, for messages.</param>
    /// <param name="program">The program's descriptor.</param>
    /// <param name="type">The attach type it was loaded with.</param>
    /// <param name="cookie">A number for the program to read, 0 for none.</param>
    internal static DescriptorLink Open(in LinkRequest request, int program, BpfAttachType type, ulong cookie)
    {
        // The older call does not support cookies and sessions. Without them it is equivalent to the newer call, and works on all kernels.
        if (cookie == 0 && type != BpfAttachType.TraceFSession)
        {
            return RawTracepointLink.Open(request, program, name: null);
        }

        LinkCreateAttr attributes = default;
        attributes.ProgFd = (uint)program;
        attributes.AttachType = (uint)type;
        attributes.TracingCookie = cookie;
        long result = BpfCalls.CreateLink(request.Kernel, ref attributes);
        return result >= 0 ? new DescriptorLink(new BpfHandle(request.Kernel, result))
            : cookie != 0 && result is -Errno.EINVAL or -Errno.E2BIG ? throw request.Absent("A cookie of a program with a BTF-typed target", "Linux 5.19", "BPF_LINK_CREATE", (int)-result)
            : throw request.Error(BpfCommand.LinkCreate, result);
    }

    /// <summary>Replaces a function of another program than the one it was loaded for (5.10).</summary>
    internal static DescriptorLink OpenExtension(in LinkRequest request, int program, int target, int function)
    {
        LinkCreateAttr attributes = default;
        attributes.ProgFd = (uint)program;
        attributes.TargetFd = (uint)target;
        attributes.TracingTargetBtfId = (uint)function;
        return KernelLink.Create(request, ref attributes);
    }
}
