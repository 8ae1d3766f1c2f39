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
    public BpfLink Attach(ulong cookie = 0)
    {
        string target = RequiredTarget("tp_btf/sched_switch");
        return AttachTo(target, program => TraceLink.Open(Request(target, Capabilities.Bpf | Capabilities.PerfMon), program, Descriptor.AttachType, cookie));
    }

    internal override BpfLink AutoAttach() => Attach();
}
