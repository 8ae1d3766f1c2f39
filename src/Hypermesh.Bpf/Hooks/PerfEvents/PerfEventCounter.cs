using System.Runtime.InteropServices;

namespace Hypermesh.Bpf;

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
    /// <exception cref="BpfPermissionException">A capability is missing, or a policy refuses.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused; ENODEV: the CPU is offline; ENOENT: the machine has no such event.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static PerfEventCounter Open(PerfEventSource source, PerfEventTarget target) => OpenOn(LinuxKernel.Instance, source, target);

    /// <summary>Reads the count.</summary>
    /// <param name="count">How many events there were since <see cref="Open"/>.</param>
    /// <returns>False when the kernel has ended the counter: its CPU went offline.</returns>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
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

    /// <summary>Ends the counter.</summary>
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
