using System.Runtime.InteropServices;

namespace Hypermesh.Bpf;

/// <summary>A program that runs at perf events (<c>perf_event</c>, 4.9): a clock, what the kernel or the processor counts, accesses of an address.</summary>
public sealed class BpfPerfEventProgram : BpfProgram
{
    internal BpfPerfEventProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Opens the events and attaches to them. Needs CAP_BPF and CAP_PERFMON.</summary>
    /// <param name="source">What is counted, and how often the program runs.</param>
    /// <param name="target">Where it is counted.</param>
    /// <param name="cookie">A number the program reads by <c>bpf_get_attach_cookie</c> (5.15); 0 for none.</param>
    /// <returns>The link; the live object keeps it, so it may be dropped. The events end with it.</returns>
    /// <exception cref="BpfException">The program is not loaded, or attached there already.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused; ENOENT: this machine counts no such events.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfLink Attach(PerfEventSource source, PerfEventTarget target, ulong cookie = 0)
    {
        ArgumentNullException.ThrowIfNull(source);
        string name = ProbePlaces.Describe($"{source.Name} on {target.Name}", cookie);
        return AttachTo(name, program => SamplingLink.Open(Needs(name), program, source, target, cookie));
    }

    /// <summary>Attaches to an event the caller has opened. Needs CAP_BPF and CAP_PERFMON.</summary>
    /// <param name="event">The event's descriptor (<c>perf_event_open</c>); it stays the caller's, and before 5.15 the attachment ends with it, not with the link.</param>
    /// <param name="cookie">A number the program reads by <c>bpf_get_attach_cookie</c> (5.15); 0 for none.</param>
    /// <returns>The link; the live object keeps it, so it may be dropped.</returns>
    /// <inheritdoc cref="Attach(PerfEventSource, PerfEventTarget, ulong)"/>
    public BpfLink Attach(SafeHandle @event, ulong cookie = 0)
    {
        ArgumentNullException.ThrowIfNull(@event);
        string name = ProbePlaces.Describe($"event of descriptor {@event.DangerousGetHandle()}", cookie);
        return AttachTo(name, program =>
        {
            using var use = new SafeHandleUse(@event);
            return new DescriptorLink(PerfEventLink.Put(Needs(name), program, use.Descriptor, cookie, ProbeMethod.Automatic));
        });
    }

    private LinkRequest Needs(string target) => Request(target, Capabilities.Bpf | Capabilities.PerfMon);
}
