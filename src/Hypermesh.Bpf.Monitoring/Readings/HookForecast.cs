using Hypermesh.Bpf.Monitoring.Hooks;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Monitoring.Readings;

/// <summary>What a kernel's types say about a hook.</summary>
internal enum HookVerdict
{
    /// <summary>The best way is possible.</summary>
    Resolved,

    /// <summary>Another way is possible.</summary>
    Fallback,

    /// <summary>No way is possible.</summary>
    Refused,
}

/// <summary>What a kernel's types say about one hook of a monitor, before anything is loaded.</summary>
/// <param name="Name">The name of the hook.</param>
/// <param name="IsRequired">Whether the monitor is refused without it.</param>
/// <param name="Verdict">Whether it is possible.</param>
/// <param name="Option">The way; null when none is possible.</param>
/// <param name="Preemptible">The way on a preemptible kernel, where it is another one and the types do not say which kind this kernel is.</param>
/// <param name="NeedsTraceFs">True when the hook is refused where tracefs is not mounted.</param>
/// <param name="Reason">Why better ways are not possible; null for <see cref="HookVerdict.Resolved"/>.</param>
internal sealed record HookForecast(string Name, bool IsRequired, HookVerdict Verdict, HookOption? Option, HookOption? Preemptible, bool NeedsTraceFs, string? Reason)
{
    /// <summary>Forecasts the hooks of a monitor.</summary>
    /// <param name="chains">The hooks.</param>
    /// <param name="kernel">The kernel's types.</param>
    /// <param name="facts">What the machine allows; null when only the types are known, from a file: tracefs is then assumed, and a kernel of either kind of preemption.</param>
    internal static IReadOnlyList<HookForecast> Of(IReadOnlyList<HookChain> chains, BtfTypes kernel, HookFacts? facts)
    {
        HookFacts known = facts ?? new HookFacts(HasTraceFs: true, IsPreemptible: false) { IsRunning = false };
        HookPlan plan = HookPlan.Resolve(chains, kernel, known);
        HookPlan preemptible = facts is null ? HookPlan.Resolve(chains, kernel, known with { IsPreemptible = true }) : plan;
        HookPlan without = HookPlan.Resolve(chains, kernel, known with { HasTraceFs = false });
        var forecasts = new List<HookForecast>();
        for (int i = 0; i < chains.Count; i++)
        {
            (HookChoice choice, HookOption? other) = (plan.Choices[i], preemptible.Choices[i].Option);
            HookVerdict verdict = choice.Option is null ? HookVerdict.Refused : choice.Reason is null ? HookVerdict.Resolved : HookVerdict.Fallback;
            bool needsTraceFs = choice.Option is not null && without.Choices[i].Option is null;
            forecasts.Add(new HookForecast(chains[i].Name, chains[i].Required, verdict, choice.Option, other == choice.Option ? null : other, needsTraceFs, choice.Reason));
        }

        return forecasts;
    }

    /// <summary>The condition in which a monitor with these hooks would start.</summary>
    internal static MonitorCondition ConditionOf(IReadOnlyList<HookForecast> hooks)
        => hooks.Any(static hook => hook is { Verdict: HookVerdict.Refused, IsRequired: true }) ? MonitorCondition.Refused
            : hooks.Any(static hook => hook.Verdict != HookVerdict.Resolved) ? MonitorCondition.Degraded
            : MonitorCondition.Ok;
}
