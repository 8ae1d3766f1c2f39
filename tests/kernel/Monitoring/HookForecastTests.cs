using Hypermesh.Bpf.Monitoring;
using Hypermesh.Bpf.Monitoring.Hooks;
using Hypermesh.Bpf.Monitoring.Readings;

namespace Hypermesh.Bpf.Tests.Kernel.Monitoring;

/// <summary>What <c>hmbpf preflight</c> says of a kernel's types, beside what the monitors then do on that kernel.</summary>
public sealed class HookForecastTests : KernelTest
{
    public static TheoryData<string> Names => [.. MonitorSet.KnownNames];

    [Theory]
    [MemberData(nameof(Names))]
    public void The_forecast_is_what_the_monitor_does(string name)
    {
        (IReadOnlyList<HookForecast> forecasts, MonitorSlot slot) = Start(name, MachineFacts.Read());
        Assert.Equal(HookForecast.ConditionOf(forecasts) == MonitorCondition.Refused, slot.Condition == MonitorCondition.Refused);
        if (slot.Monitor is { } monitor)
        {
            Assert.Equal(forecasts.Select(static forecast => (forecast.Name, forecast.Option?.Source)), monitor.Hooks.Select(static hook => (hook.Name, hook.Source)));
        }
    }

    /// <summary>The types alone say less than the machine. A hook that they resolve is there in one of the ways that they name, unless it needs tracefs.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void The_types_alone_resolve_no_hook_that_is_not_there(string name)
    {
        (IReadOnlyList<HookForecast> forecasts, MonitorSlot slot) = Start(name, facts: null);
        if (slot.Monitor is not { } monitor)
        {
            Assert.Equal(MonitorCondition.Refused, HookForecast.ConditionOf(forecasts));
            return;
        }

        bool hasTraceFs = MachineFacts.Read().HasTraceFs;
        foreach (HookForecast forecast in forecasts.Where(forecast => forecast.Option is not null && (hasTraceFs || !forecast.NeedsTraceFs)))
        {
            MonitorHook hook = Assert.Single(monitor.Hooks, hook => hook.Name == forecast.Name);
            if (hasTraceFs)
            {
                Assert.Contains(hook.Source, new[] { forecast.Option!.Source, forecast.Preemptible?.Source });
            }

            Assert.NotEqual(HookState.Absent, hook.State);
        }
    }

    private (IReadOnlyList<HookForecast> Forecasts, MonitorSlot Slot) Start(string name, HookFacts? facts)
    {
        using KernelBtf kernel = KernelBtf.Acquire();
        KnownMonitor known = MonitorSet.Known.Single(one => one.Name == name);
        MonitorSet set = Own(MonitorSet.Start(new MonitorSetOptions { Names = [name] }));
        set.Read();
        return (HookForecast.Of(known.Chains(kernel.Types, facts), kernel.Types, facts), Assert.Single(set.Monitors));
    }
}
