using Hypermesh.Bpf.Hooks.TraceEvents;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf;

/// <summary>A program on a classic tracepoint (<c>tracepoint/category/name</c>, 4.7). Costs about twice as much as a raw tracepoint, and needs read access to the tracing file system.</summary>
public sealed class BpfTracepointProgram : BpfProgram
{
    internal BpfTracepointProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Attaches where the section says. Needs CAP_BPF, CAP_PERFMON and read access to tracefs.</summary>
    /// <param name="cookie">A number the program reads by <c>bpf_get_attach_cookie</c> (5.15); 0 for none.</param>
    /// <returns>The link; the live object keeps it, so it may be dropped.</returns>
    /// <exception cref="BpfException">The program is not loaded, or attached there already.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfProgramLink Attach(ulong cookie = 0)
    {
        string target = RequiredTarget("tracepoint/sched/sched_switch");
        int slash = target.IndexOf('/', StringComparison.Ordinal);
        if (slash <= 0 || slash == target.Length - 1)
        {
            throw new BpfException(
                $"Program {Name}: \"{target}\" is not a tracepoint: write category/name, like SEC(\"tracepoint/sched/sched_switch\").", Descriptor.ObjectName, Name);
        }

        return AttachTo(target, program => TracepointLink.Open(
            Request(target, Capabilities.Bpf | Capabilities.PerfMon), program, target[..slash], target[(slash + 1)..], cookie, Descriptor.ContextEnd));
    }

    internal override BpfProgramLink? AutoAttach() => TargetName is null ? null : Attach();
}
