using System.Diagnostics;

namespace Hypermesh.Bpf;

/// <summary>
/// Lowers the capabilities of every thread. One thread cannot set another's, so each is sent a signal and does it itself; managed code cannot run in a signal
/// handler, so the handler is <see cref="LoweringCode"/>. Done is what the kernel says of each thread, never what was sent.
/// </summary>
internal static unsafe class CapabilityBroadcast
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
            using MappingHandle code = LoweringCode.Map(kernel, held & kept);
            using MappingUse use = code.Use();
            Span<byte> before = stackalloc byte[LoweringCode.ActionSize];
            Check(kernel, kernel.SetSignalAction(Signal, LoweringCode.Action((nint)use.Address), before));
            try
            {
                Lower(kernel, kept, patience ?? s_patience);
            }
            finally
            {
                kernel.SetSignalAction(Signal, before, default);
            }
        }
    }

    private static void Lower(IKernel kernel, Capabilities kept, TimeSpan patience)
    {
        long start = Stopwatch.GetTimestamp();
        for (int confirmed = 0; confirmed < Confirmations;)
        {
            List<ThreadPrivileges> left = [.. kernel.Threads().Select(thread => ThreadPrivileges.Read(kernel, $"self/task/{thread}")).OfType<ThreadPrivileges>()
                .Where(thread => !thread.IsLowered(kept))];
            confirmed = left.Count == 0 ? confirmed + 1 : 0;
            if (left.Count > 0 && Stopwatch.GetElapsedTime(start) > patience)
            {
                throw new BpfException(
                    $"Capabilities are not given up: {string.Join(", ", left.Select(static thread => $"thread {thread.Id} ({thread.Name})"))} still "
                    + $"{(left.Count == 1 ? "holds its" : "hold theirs")} after {patience.TotalSeconds} s, while the other threads have none but what was to be kept.");
            }

            foreach (ThreadPrivileges thread in left)
            {
                // ESRCH: it has ended.
                kernel.SignalThread(thread.Id, Signal);
            }

            if (left.Count > 0)
            {
                Thread.Sleep(s_pause);
            }
        }
    }

    private static void Check(IKernel kernel, long result)
    {
        if (result < 0)
        {
            throw KernelErrors.Of(kernel, "rt_sigaction", result, "Giving up capabilities");
        }
    }
}
