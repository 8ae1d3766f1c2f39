using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf;

/// <summary>A program at a security hook (<c>lsm</c>, 5.7; sleepable <c>lsm.s</c>, 5.11); a return value other than 0 denies the operation.</summary>
public sealed class BpfLsmProgram : BpfProgram
{
    private const string ActiveModules = "/sys/kernel/security/lsm";

    internal BpfLsmProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Attaches where the section says. Needs CAP_BPF and CAP_PERFMON, and a kernel that was booted with <c>bpf</c> among its security modules.</summary>
    /// <returns>The link; the live object keeps it, so it may be dropped.</returns>
    /// <exception cref="BpfFeatureNotSupportedException">The kernel runs without the BPF security module: it would attach the program but never run it.</exception>
    /// <exception cref="BpfException">The program is not loaded, or attached there already.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfProgramLink Attach()
    {
        string target = RequiredTarget("lsm/file_open");
        return AttachTo(target, program =>
        {
            LinkRequest request = Request(target, Capabilities.Bpf | Capabilities.PerfMon);
            ThrowIfInactive(request);
            return TraceLink.Open(request, program, Descriptor.AttachType, cookie: 0);
        });
    }

    internal override BpfProgramLink AutoAttach() => Attach();

    // If securityfs is not mounted, the active modules are not known, and the kernel decides.
    private void ThrowIfInactive(in LinkRequest request)
    {
        if (Kernel.TryReadText(ActiveModules, out _) is { } active && !active.Trim().Split(',').Contains("bpf"))
        {
            throw request.Absent(
                "The BPF security module", $"a kernel booted with lsm={active.Trim()},bpf (CONFIG_BPF_LSM): this one runs {active.Trim()}, so the program would never run", "open", Errno.EOPNOTSUPP);
        }
    }
}
