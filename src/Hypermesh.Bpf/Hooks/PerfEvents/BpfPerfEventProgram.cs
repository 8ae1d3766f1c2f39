using System.Runtime.InteropServices;
using Hypermesh.Bpf.Errors;
using Hypermesh.Bpf.Hooks.TraceEvents;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf;

/// <summary>A program that runs at perf events (<c>perf_event</c>, 4.9): a clock, events that the kernel or the processor counts, accesses of an address.</summary>
public sealed class BpfPerfEventProgram : BpfProgram
{
    internal BpfPerfEventProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Opens the events and attaches to them. Needs CAP_BPF and CAP_PERFMON.</summary>
    /// <param name="source">The event to count, and how often the program runs.</param>
    /// <param name="target">Where it is counted.</param>
    /// <param name="cookie">A number the program reads by <c>bpf_get_attach_cookie</c> (5.15); 0 for none.</param>
    /// <returns>The link; the live object keeps it, so it may be dropped. The events are closed with it.</returns>
    /// <exception cref="BpfException">The program is not loaded, or already attached there.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; ENOENT: this machine has no such event.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfProgramLink Attach(PerfEventSource source, PerfEventTarget target, ulong cookie = 0)
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
    public BpfProgramLink Attach(SafeHandle @event, ulong cookie = 0)
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

/// <summary>Attaches a program to events that this SDK opens: one, or one for each CPU.</summary>
internal static class SamplingLink
{
    private const string OnlineCpus = "/sys/devices/system/cpu/online";

    internal static LinkResource Open(in LinkRequest request, int program, PerfEventSource source, PerfEventTarget target, ulong cookie)
    {
        if (target.CpuNumber is { } cpu)
        {
            return PerfEventLink.Open(request, program, PerfEvents.Open(request, source.Attributes, target.Task, cpu), cookie);
        }

        string online = request.Kernel.TryReadText(OnlineCpus, out long error) ?? throw request.Error($"open {OnlineCpus}", error);
        var bundle = new LinkBundle();
        try
        {
            PerfEventAttr attributes = source.Attributes;
            foreach (int number in PossibleCpus.Parse(online).Numbers.ToArray())
            {
                long opened = request.Kernel.PerfEventOpen(in attributes, target.Task, number);
                if (opened == -Errno.ENODEV && IsOffline(request.Kernel, number))
                {
                    // It went offline after the list was read, so there is nothing to sample.
                    continue;
                }

                bundle.Add(PerfEventLink.Open(request, program, PerfEvents.Own(request, opened), cookie));
            }

            return bundle;
        }
        catch (Exception reason)
        {
            Teardown.Undo(reason, bundle);
            throw;
        }
    }

    // ENODEV has other causes too; the current list shows whether the CPU went offline.
    private static bool IsOffline(IKernel kernel, int cpu) => kernel.TryReadText(OnlineCpus, out _) is { } online && PossibleCpus.Parse(online).SlotOf(cpu) < 0;
}

/// <summary>
/// Counts an event in the kernel, on one CPU or of one thread (<c>perf_event_open(2)</c>). No program runs for it, so its count can be compared with that of
/// a program. It counts from <see cref="Open"/> until it is disposed.
/// </summary>
public sealed class PerfEventCounter : IDisposable
{
    private readonly BpfHandle _event;

    private PerfEventCounter(BpfHandle @event) => _event = @event;

    /// <summary>Starts a counter. Requires CAP_PERFMON (CAP_SYS_ADMIN before 5.8) for a CPU.</summary>
    /// <param name="source">The event. Its period or frequency of sampling is ignored.</param>
    /// <param name="target">Where: one CPU or one thread.</param>
    /// <returns>The counter; the caller disposes it.</returns>
    /// <exception cref="ArgumentException">The target is all CPUs; each CPU needs a counter of its own.</exception>
    /// <exception cref="BpfPermissionException">A capability is missing, or a policy denies the call.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; ENODEV: the CPU is offline; ENOENT: the machine has no such event.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static PerfEventCounter Open(PerfEventSource source, PerfEventTarget target) => OpenOn(LinuxKernel.Instance, source, target);

    /// <summary>Reads the count.</summary>
    /// <param name="count">How many events there were since <see cref="Open"/>.</param>
    /// <returns>False when the kernel has ended the counter: its CPU went offline.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    /// <exception cref="ObjectDisposedException">The counter is disposed.</exception>
    public bool TryRead(out ulong count)
    {
        count = 0;
        using HandleUse use = _event.Use();
        long read = _event.Kernel.Read(use.Descriptor, MemoryMarshal.AsBytes(new Span<ulong>(ref count)));
        return read < 0
            ? throw KernelErrors.Of(_event.Kernel, "read", read, $"Reading {_event.Subject}")
            : read == sizeof(ulong);
    }

    /// <summary>Stops the counter.</summary>
    public void Dispose() => _event.Dispose();

    internal static PerfEventCounter OpenOn(IKernel kernel, PerfEventSource source, PerfEventTarget target)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (target.CpuNumber is not { } cpu)
        {
            throw new ArgumentException("Each CPU has a counter of its own: open one for each with PerfEventTarget.Cpu.", nameof(target));
        }

        PerfEventAttr attributes = source.CountingAttributes;
        long opened = kernel.PerfEventOpen(in attributes, target.Task, cpu);
        return opened >= 0
            ? new PerfEventCounter(new BpfHandle(kernel, opened) { Subject = $"the counter of {source} on {target}" })
            : throw KernelErrors.Of(kernel, "perf_event_open", opened, $"Counting {source} on {target}", Capabilities.PerfMon);
    }
}
