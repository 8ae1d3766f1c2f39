using Hypermesh.Bpf.Monitoring.Figures;

namespace Hypermesh.Bpf.Monitoring;

/// <summary>How far a monitor can do its work.</summary>
public enum MonitorCondition
{
    /// <summary>All its hooks are attached, none is blind, and its figures agree with the kernel's.</summary>
    Ok,

    /// <summary>It works, but something is missing: the reason says what.</summary>
    Degraded,

    /// <summary>It does not run: the reason says why.</summary>
    Refused,
}

/// <summary>Base class of what a monitor fills at each reading: the figures of one period, and how far they can be trusted.</summary>
public abstract class MonitorReading
{
    private readonly List<GroundTruth> _truths = [];
    private readonly List<string> _reasons = [];
    private MonitorHook[] _hooks = [];

    private protected MonitorReading()
    {
    }

    /// <summary>The time of the previous reading: CLOCK_BOOTTIME in nanoseconds.</summary>
    public long StartNs { get; internal set; }

    /// <summary>The time of this reading: CLOCK_BOOTTIME in nanoseconds.</summary>
    public long EndNs { get; internal set; }

    /// <summary>The time between the previous reading and this one.</summary>
    public TimeSpan Duration => TimeSpan.FromTicks((EndNs - StartNs) / TimeSpan.NanosecondsPerTick);

    /// <summary>Whether the monitor can do its work.</summary>
    public MonitorCondition Condition { get; private set; }

    /// <summary>What is missing; null when the condition is <see cref="MonitorCondition.Ok"/>.</summary>
    public string? Reason => Condition == MonitorCondition.Ok ? null : Explain();

    /// <summary>The monitor's hooks, and what is known of each.</summary>
    public IReadOnlyList<MonitorHook> Hooks => _hooks;

    /// <summary>Figures of the monitor beside the kernel's own counters.</summary>
    public IReadOnlyList<GroundTruth> GroundTruths => _truths;

    /// <summary>The greatest error of all <see cref="GroundTruths"/>, as a share with its sign: -0.01 when one part in a hundred is missing. Null when there is nothing to compare with.</summary>
    public double? ErrorShare => _truths.Count == 0 ? null : _truths.MaxBy(static truth => Math.Abs(truth.ErrorShare)).ErrorShare;

    /// <summary>The number of events for which a ring had no room.</summary>
    public ulong Dropped { get; internal set; }

    /// <summary>The number of times that the kernel skipped one of the monitor's programs because it was already running on that CPU, by the kernel's own count (5.12; 0 before).</summary>
    public ulong Missed { get; internal set; }

    /// <summary>The run time of the monitor's own programs, all together, in nanoseconds; null unless <see cref="MonitorOptions.MeasureCost"/> is set.</summary>
    public ulong? CostNs { get; internal set; }

    /// <summary>The number of runs of the monitor's own programs; null unless <see cref="MonitorOptions.MeasureCost"/> is set.</summary>
    public ulong? CostRuns { get; internal set; }

    /// <summary>The hooks, to be walked without allocating.</summary>
    internal MonitorHook[] HookArray => _hooks;

    /// <summary>The comparisons, to be walked without allocating.</summary>
    internal List<GroundTruth> TruthList => _truths;

    /// <summary>Hands all figures to a sink.</summary>
    internal abstract void Report(IFigureSink sink);

    internal void Begin(MonitorHook[] hooks, long startNs)
    {
        _hooks = hooks;
        StartNs = startNs;
        Dropped = 0;
        _truths.Clear();
        _reasons.Clear();
        Clear();
    }

    internal void Add(in GroundTruth truth) => _truths.Add(truth);

    /// <summary>Adds a reason for which the reading is degraded. The text is a constant, or built only when something has changed.</summary>
    internal void Degrade(string reason) => _reasons.Add(reason);

    /// <summary>Decides the condition, from hooks, comparisons and what the monitor said.</summary>
    internal void Judge()
    {
        int problems = _reasons.Count;
        foreach (MonitorHook hook in _hooks)
        {
            problems += hook.State is HookState.Blind or HookState.Absent || hook.Reason is not null ? 1 : 0;
        }

        foreach (GroundTruth truth in _truths)
        {
            problems += truth.Holds ? 0 : 1;
        }

        Condition = problems == 0 ? MonitorCondition.Ok : MonitorCondition.Degraded;
    }

    /// <summary>Empties the figures.</summary>
    internal abstract void Clear();

    private string Explain()
    {
        var parts = new List<string>(_reasons);
        foreach (MonitorHook hook in Hooks)
        {
            if (hook.State == HookState.Blind)
            {
                parts.Add($"hook {hook.Name} is blind: the kernel counted {hook.Expected} events and the hook {hook.Fired}");
            }
            else if (hook.State == HookState.Absent)
            {
                parts.Add($"hook {hook.Name} is absent ({hook.Reason})");
            }
            else if (hook.Reason is not null)
            {
                parts.Add($"hook {hook.Name} uses {hook.Source?.Name()} ({hook.Reason})");
            }
        }

        foreach (GroundTruth truth in _truths)
        {
            if (!truth.Holds)
            {
                parts.Add($"{truth.Figure} is {truth.Measured}, but {truth.Source} says {truth.Low} to {truth.High}");
            }
        }

        return string.Join("; ", parts);
    }
}

/// <summary>The names of the conditions in outputs.</summary>
internal static class ConditionNames
{
    internal static string Name(this MonitorCondition condition) => condition switch
    {
        MonitorCondition.Ok => "ok",
        MonitorCondition.Degraded => "degraded",
        _ => "refused",
    };
}
