using Hypermesh.Bpf.Tool.Monitors;
using Hypermesh.Bpf.Tool.Screens;

namespace Hypermesh.Bpf.Tool.Live;

/// <summary>Monitors that run on this machine.</summary>
internal sealed class LiveSource : IScreenSource, IDisposable
{
    // The first frame comes at once; its figures are those of a shorter period.
    private static readonly TimeSpan s_firstPeriod = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(1);

    private readonly RunningMonitors _monitors;
    private readonly SnapshotTaker _taker = new();
    private readonly History _history = new();
    private readonly ProcessSampler _processes = new();
    private readonly IReadOnlyList<string>? _chosen;
    private readonly bool _isAscii;
    private ProgramSampler? _programs;
    private CostSampler? _cost;
    private ProgramsSnapshot? _programsSeen;
    private CostSnapshot? _costSeen;
    private ProcessesSnapshot? _processesSeen;
    private int _readings;

    internal LiveSource(RunningMonitors monitors, IReadOnlyList<string>? chosen, bool isAscii)
    {
        _monitors = monitors;
        _chosen = chosen;
        _isAscii = isAscii;
    }

    public TimeSpan Period => _readings <= 1 || _monitors.IsStarting ? s_firstPeriod : s_period;

    public bool IsDue => _monitors.HasStartedMore;

    /// <summary>The readings so far.</summary>
    internal History History => _history;

    public ScreenState Advance(ScreenState state)
    {
        if (!state.IsPaused && state.Step == 0)
        {
            Read(state);
        }

        return state with { Step = 0 };
    }

    /// <summary>Makes the first reading of what is printed: that of a period that ends now.</summary>
    internal void Begin(ScreenState state)
    {
        _monitors.WaitForAll();
        Read(state);
        _processes.Sample();
    }

    /// <summary>Makes a reading.</summary>
    internal void Read(ScreenState state)
    {
        _monitors.Read();
        Snapshot snapshot = _taker.Take(_monitors.Slots);
        _history.Add(snapshot);
        _readings++;
        if (_readings > 1 && state.Kind is ScreenKind.Machine or ScreenKind.Monitor)
        {
            _processesSeen = _processes.Sample();
        }

        if (state.NeedsStatistics)
        {
            Measure(snapshot);
        }
    }

    public ScreenData Data(ScreenState state)
    {
        // The statistics cost every program on the machine, so they are on only while they are shown.
        if (!state.NeedsStatistics)
        {
            StopMeasuring();
        }
        else if (_programs is null && _history.Latest is { } latest)
        {
            Measure(latest);
        }

        return new ScreenData(_history) { Programs = _programsSeen, Cost = _costSeen, Processes = _processesSeen, Chosen = _chosen, IsStarting = _monitors.IsStarting, IsAscii = _isAscii };
    }

    public void Dispose() => StopMeasuring();

    private void Measure(Snapshot snapshot)
    {
        _programs ??= new ProgramSampler();
        _cost ??= new CostSampler();
        _programsSeen = _programs.Sample(_monitors.Slots);
        _cost.Count(snapshot);
        _costSeen = _cost.Sample(_monitors.Slots, _programs.Refusal);
    }

    private void StopMeasuring()
    {
        _programs?.Dispose();
        _programs = null;
        _cost = null;
        _programsSeen = null;
        _costSeen = null;
    }
}
