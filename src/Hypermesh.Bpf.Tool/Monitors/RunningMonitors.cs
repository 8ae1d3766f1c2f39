using Hypermesh.Bpf.Monitoring;

namespace Hypermesh.Bpf.Tool.Monitors;

/// <summary>The monitors of a screen. The first one is started at once, so that there is something to show; the others start meanwhile.</summary>
internal sealed class RunningMonitors : IDisposable
{
    private readonly MonitorSet _first;
    private readonly Task<MonitorSet>? _others;

    private RunningMonitors(IReadOnlyList<string> names)
    {
        // Each monitor reads the kernel's types: they are kept until all have started.
        KernelBtf? types = MonitorSet.HoldKernelTypes();
        try
        {
            _first = StartSet([names[0]]);
            if (names.Count > 1)
            {
                KernelBtf? held = types;
                types = null;
                _others = Task.Run(() =>
                {
                    using (held)
                    {
                        return StartSet([.. names.Skip(1)]);
                    }
                });
            }
        }
        finally
        {
            types?.Dispose();
        }
    }

    /// <summary>True while some have not started yet.</summary>
    internal bool IsStarting => _others is { IsCompleted: false };

    /// <summary>The monitors that have started, or were refused.</summary>
    internal IEnumerable<MonitorSlot> Slots => _others is { IsCompletedSuccessfully: true } ? _first.Monitors.Concat(_others.Result.Monitors) : _first.Monitors;

    /// <summary>Starts monitors.</summary>
    /// <param name="chosen">Their names; null for all.</param>
    internal static RunningMonitors Start(IReadOnlyList<string>? chosen)
        => new([.. MonitorSet.KnownNames.Where(name => chosen is null || chosen.Contains(name, StringComparer.Ordinal))]);

    /// <summary>Waits until all have started.</summary>
    internal void WaitForAll() => _others?.GetAwaiter().GetResult();

    /// <summary>Reads those that have started.</summary>
    internal void Read()
    {
        _first.Read();
        if (_others is { IsCompleted: true })
        {
            _others.GetAwaiter().GetResult().Read();
        }
    }

    public void Dispose()
    {
        _first.Dispose();
        if (_others is not null)
        {
            ((IAsyncResult)_others).AsyncWaitHandle.WaitOne();
            if (_others.IsCompletedSuccessfully)
            {
                _others.Result.Dispose();
            }
        }
    }

    private static MonitorSet StartSet(IReadOnlyList<string> names) => MonitorSet.Start(new MonitorSetOptions { Names = names, ByCGroup = true });
}
