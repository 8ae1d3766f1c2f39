using Hypermesh.Bpf.Monitoring;

namespace Hypermesh.Bpf.Tool.Monitors;

/// <summary>The monitors of a screen. The first one is started at once, so that there is something to show; the others start meanwhile, on as many threads as there is use for.</summary>
internal sealed class RunningMonitors : IDisposable
{
    // The verifier takes most of the time; more threads than CPUs would only wait.
    private static readonly int s_threads = Math.Min(3, Environment.ProcessorCount);

    private readonly MonitorSet _first;
    private readonly Task<MonitorSet>[] _others;
    private readonly Task _allStarted;
    private MonitorSet[] _read = [];

    private RunningMonitors(IReadOnlyList<string> names)
    {
        // Each monitor reads the kernel's types: they are kept until all have started.
        KernelBtf? types = MonitorSet.HoldKernelTypes();
        try
        {
            _first = StartSet([names[0]]);
            _others = [.. names.Skip(1).Index().GroupBy(static one => one.Index % s_threads, static one => one.Item).Select(static group => Task.Run(() => StartSet([.. group])))];
            KernelBtf? held = types;
            types = null;
            _allStarted = Task.WhenAll(_others).ContinueWith(_ => held?.Dispose(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
        finally
        {
            types?.Dispose();
        }
    }

    /// <summary>True while some have not started yet.</summary>
    internal bool IsStarting => !_allStarted.IsCompleted;

    /// <summary>The monitors that have started or were refused when they were last read, in the order of <see cref="MonitorSet.KnownNames"/>.</summary>
    internal IEnumerable<MonitorSlot> Slots => MonitorSet.KnownNames.SelectMany(name => _read.SelectMany(static set => set.Monitors).Where(slot => slot.Name == name));

    /// <summary>True when some have started since the last reading.</summary>
    internal bool HasStartedMore => _read.Length <= _others.Count(static other => other.IsCompleted);

    /// <summary>Starts monitors.</summary>
    /// <param name="chosen">Their names; null for all.</param>
    internal static RunningMonitors Start(IReadOnlyList<string>? chosen)
        => new([.. MonitorSet.KnownNames.Where(name => chosen is null || chosen.Contains(name, StringComparer.Ordinal))]);

    /// <summary>Waits until all have started.</summary>
    internal void WaitForAll() => Task.WhenAll(_others).GetAwaiter().GetResult();

    /// <summary>Reads those that have started.</summary>
    internal void Read()
    {
        // A set whose start failed fails here.
        _read = [_first, .. _others.Where(static other => other.IsCompleted).Select(static other => other.GetAwaiter().GetResult())];
        foreach (MonitorSet set in _read)
        {
            set.Read();
        }
    }

    public void Dispose()
    {
        ((IAsyncResult)_allStarted).AsyncWaitHandle.WaitOne();
        _first.Dispose();
        foreach (Task<MonitorSet> other in _others.Where(static other => other.IsCompletedSuccessfully))
        {
            other.Result.Dispose();
        }
    }

    private static MonitorSet StartSet(IReadOnlyList<string> names) => MonitorSet.Start(new MonitorSetOptions { Names = names, ByCGroup = true });
}
