using System.Diagnostics;
using Hypermesh.Bpf.Errors;

namespace Hypermesh.Bpf.Privileges;

/// <summary>
/// Drops the capabilities of every thread. A thread cannot change another's, so each gets a signal and drops its own; managed code cannot run in a signal
/// handler, so the handler is <see cref="LoweringCode"/>. The result is what the kernel reports for each thread, not what was sent.
/// </summary>
internal static class CapabilityBroadcast
{
    // glibc uses it for setuid in all threads, musl for cancellation: neither library lets a program block it.
    private const int Signal = 33;

    // Two times: a thread that started while the first list was read is in the second.
    private const int Confirmations = 2;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(1);
    private static readonly Lock s_gate = new();

    /// <param name="kernel">The kernel.</param>
    /// <param name="kept">The capabilities that threads keep if they have them.</param>
    /// <param name="patience">The longest time for a thread; 20 seconds by default.</param>
    internal static void Run(IKernel kernel, Capabilities kept, TimeSpan? patience = null)
    {
        lock (s_gate)
        {
            Capabilities held = ThreadPrivileges.Read(kernel, "thread-self")?.Permitted
                ?? throw new BpfException("No capability was dropped: the threads and their capabilities are listed in /proc, which is not mounted. Mount it.");

            // The page is never unmapped: a thread that has dropped its capabilities may still be at its last instruction there.
            nint code = LoweringCode.Map(kernel, held & kept);
            Span<byte> before = stackalloc byte[LoweringCode.ActionSize];
            long set = kernel.SetSignalAction(Signal, LoweringCode.Action(code), before);
            if (set < 0)
            {
                throw KernelErrors.Of(kernel, "rt_sigaction", set, "Giving up capabilities");
            }

            GivenUpCapabilities.Note(kernel, held & ~kept);
            Lower(kernel, kept, patience ?? s_patience);

            // Not after a failure: a pending signal would then reach a handler that does not expect it.
            kernel.SetSignalAction(Signal, before, default);
        }
    }

    private static void Lower(IKernel kernel, Capabilities kept, TimeSpan patience)
    {
        long start = Stopwatch.GetTimestamp();
        var told = new HashSet<int>();
        for (int confirmed = 0; confirmed < Confirmations;)
        {
            List<ThreadPrivileges> left = Holders(kernel, kept);
            confirmed = left.Count == 0 ? confirmed + 1 : 0;
            if (left.Count > 0 && Stopwatch.GetElapsedTime(start) > patience)
            {
                throw new BpfException(
                    $"Capabilities were not dropped by all threads: {string.Join(", ", left.Select(static thread => $"thread {thread.Id} ({thread.Name})"))} still "
                    + $"{(left.Count == 1 ? "holds its" : "hold theirs")} after {patience.TotalSeconds} s, while the other threads have only the capabilities to keep.");
            }

            // Each thread gets one signal, so that none is pending once it has dropped its capabilities. EAGAIN: too many pending signals; ESRCH: it has ended.
            told.UnionWith(left.Where(thread => !told.Contains(thread.Id) && kernel.SignalThread(thread.Id, Signal) != -Errno.EAGAIN).Select(static thread => thread.Id));
            if (left.Count > 0)
            {
                Thread.Sleep(s_pause);
            }
        }
    }

    private static List<ThreadPrivileges> Holders(IKernel kernel, Capabilities kept)
        => [.. kernel.Threads().Select(thread => ThreadPrivileges.Read(kernel, $"self/task/{thread}")).OfType<ThreadPrivileges>().Where(thread => !thread.IsLowered(kept))];
}
