namespace Hypermesh.Bpf;

/// <summary>A program on a BTF-typed target: a tracepoint (<c>tp_btf</c>, 5.5), a function (<c>fentry</c>, <c>fexit</c>, <c>fmod_ret</c>; 5.5), a security hook (<c>lsm</c>, 5.7). The target was fixed when it was loaded.</summary>
public sealed class BpfTracingProgram : BpfProgram
{
    internal BpfTracingProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Attaches where the section says. Needs CAP_BPF and CAP_PERFMON.</summary>
    /// <returns>The link; the live object keeps it, so it may be dropped.</returns>
    /// <exception cref="BpfException">The program is not loaded, or attached there already.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfLink Attach()
    {
        string target = RequiredTarget("tp_btf/sched_switch");
        return AttachTo(target, program => RawTracepointLink.Open(Request(target, Capabilities.Bpf | Capabilities.PerfMon), program, name: null));
    }

    internal override BpfLink AutoAttach() => Attach();
}
