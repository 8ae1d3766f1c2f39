namespace Hypermesh.Bpf;

/// <summary>A program on a raw tracepoint (<c>raw_tp</c>, 4.17): it gets the arguments as the kernel passes them, untyped. As <c>raw_tp.w</c> (5.2) it may write what the tracepoint lets it.</summary>
public sealed class BpfRawTracepointProgram : BpfProgram, IBpfContextTest
{
    internal BpfRawTracepointProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Attaches where the section says. Needs CAP_BPF and CAP_PERFMON.</summary>
    /// <param name="cookie">A number the program reads by <c>bpf_get_attach_cookie</c> (6.10); 0 for none.</param>
    /// <returns>The link; the live object keeps it, so it may be dropped.</returns>
    /// <exception cref="BpfException">The program is not loaded, or attached there already.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfLink Attach(ulong cookie = 0)
    {
        string target = RequiredTarget("raw_tp/sched_switch");
        return AttachTo(target, program => RawTracepointLink.Open(Request(target, Capabilities.Bpf | Capabilities.PerfMon), program, target, cookie));
    }

    internal override BpfLink? AutoAttach() => TargetName is null ? null : Attach();
}
