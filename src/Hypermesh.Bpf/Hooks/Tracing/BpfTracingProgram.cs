using Hypermesh.Bpf.Programs;
using Hypermesh.Bpf.TestRuns;

namespace Hypermesh.Bpf;

/// <summary>
/// A program on a BTF-typed target: a tracepoint (<c>tp_btf</c>, 5.5), the entry or exit of a function (<c>fentry</c>, <c>fexit</c>, 5.5), a function whose result it may
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
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfProgramLink Attach(ulong cookie = 0)
    {
        string target = RequiredTarget("tp_btf/sched_switch");
        return AttachTo(target, program => TraceLink.Open(Request(target, Capabilities.Bpf | Capabilities.PerfMon), program, Descriptor.AttachType, cookie));
    }

    /// <summary>
    /// Calls the kernel's own test functions (<c>bpf_fentry_test1</c> to <c>8</c>, <c>bpf_modify_return_test</c>), at which a program may be attached (5.7). One at the
    /// entry or exit of a function makes the kernel call the former, one that changes results (<c>fmod_ret</c>) the latter.
    /// </summary>
    /// <remarks>The program must be loaded for one of those functions, and attached if it is to run.</remarks>
    /// <returns>Of <c>fmod_ret</c>, the sum of what the functions gave back in the lower 16 bits, and how many of them ran themselves in the upper; else 0.</returns>
    /// <exception cref="BpfException">The program is not loaded.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused; EFAULT: a program changed what the functions give back.</exception>
    public BpfTestRunResult TestRun()
        => TestRunCall.Run(this, [], [], new BpfTestRunOptions(), 0);

    internal override BpfProgramLink AutoAttach() => Attach();
}

/// <summary>A program that was loaded for a kernel type: tracepoint, function entry or exit, security hook (5.5; with a cookie 5.19).</summary>
internal static class TraceLink
{
    /// <summary>Attaches where the program was loaded for.</summary>
    /// <param name="request">For whom.</param>
    /// <param name="program">The program's descriptor.</param>
    /// <param name="type">What it was loaded as.</param>
    /// <param name="cookie">A number for the program to read, 0 for none.</param>
    internal static DescriptorLink Open(in LinkRequest request, int program, BpfAttachType type, ulong cookie)
    {
        // The older call knows no cookies and no sessions; where neither is wanted it does on all kernels what the newer one does.
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
            : cookie != 0 && result is -Errno.EINVAL or -Errno.E2BIG ? throw request.Absent("A cookie of a program for a kernel type", "Linux 5.19", "BPF_LINK_CREATE", (int)-result)
            : throw request.Error(BpfCommand.LinkCreate, result);
    }

    /// <summary>Puts a replacement in the place of a function of another program than it was loaded for (5.10).</summary>
    internal static DescriptorLink OpenExtension(in LinkRequest request, int program, int target, int function)
    {
        LinkCreateAttr attributes = default;
        attributes.ProgFd = (uint)program;
        attributes.TargetFd = (uint)target;
        attributes.TracingTargetBtfId = (uint)function;
        return KernelLink.Create(request, ref attributes);
    }
}
