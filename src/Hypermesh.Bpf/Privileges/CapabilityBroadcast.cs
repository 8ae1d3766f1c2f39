using System.Diagnostics;
using Hypermesh.Bpf.Errors;

namespace Hypermesh.Bpf.Privileges;

/// <summary>
/// Lowers the capabilities of every thread. One thread cannot set another's, so each is sent a signal and does it itself; managed code cannot run in a signal
/// handler, so the handler is <see cref="LoweringCode"/>. Done is what the kernel says of each thread, never what was sent.
/// </summary>
internal static class CapabilityBroadcast
{
    // glibc's own for setuid in all threads, musl's for cancelling: neither library lets a program block it.
    private const int Signal = 33;

    // Two times: a thread that was started while the first list was made is in the second.
    private const int Confirmations = 2;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(1);
    private static readonly Lock s_gate = new();

    /// <param name="kernel">The kernel.</param>
    /// <param name="kept">What is kept where it is held.</param>
    /// <param name="patience">How long a thread may take; 20 seconds without it.</param>
    internal static void Run(IKernel kernel, Capabilities kept, TimeSpan? patience = null)
    {
        lock (s_gate)
        {
            Capabilities held = ThreadPrivileges.Read(kernel, "thread-self")?.Permitted
                ?? throw new BpfException("No capability was given up: which threads there are, and what each holds, stands in /proc, which is not mounted.");

            // The page is never unmapped: a thread that holds nothing any more may still be on its last instruction there.
            nint code = LoweringCode.Map(kernel, held & kept);
            Span<byte> before = stackalloc byte[LoweringCode.ActionSize];
            long set = kernel.SetSignalAction(Signal, LoweringCode.Action(code), before);
            if (set < 0)
            {
                throw KernelErrors.Of(kernel, "rt_sigaction", set, "Giving up capabilities");
            }

            GivenUpCapabilities.Note(kernel, held & ~kept);
            Lower(kernel, kept, patience ?? s_patience);

            // Not after a failure: a signal that is still on its way would meet a handler that knows nothing of it.
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
                    $"Capabilities are not given up: {string.Join(", ", left.Select(static thread => $"thread {thread.Id} ({thread.Name})"))} still "
                    + $"{(left.Count == 1 ? "holds its" : "hold theirs")} after {patience.TotalSeconds} s, while the other threads have none but what was to be kept.");
            }

            // Each once, so that whoever has given up has no signal left to come. EAGAIN: there are too many on their way; ESRCH: it has ended.
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
