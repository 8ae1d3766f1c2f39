using Hypermesh.Bpf.Monitoring;

namespace Hypermesh.Bpf.Tests.Unit.Monitoring.Hooks;

public sealed class MonitorHookTests
{
    [Fact]
    public void A_hook_is_unproven_until_it_counts_an_event()
    {
        MonitorHook hook = Hook();
        hook.Observe(fired: 0, expected: 0);
        Assert.Equal(HookState.Unproven, hook.State);
        hook.Observe(fired: 3, expected: null);
        Assert.Equal((HookState.Fired, 3UL, 0UL), (hook.State, hook.Fired, hook.Expected));
    }

    [Fact]
    public void Two_readings_in_which_only_the_kernel_counted_make_it_blind()
    {
        MonitorHook hook = Hook();
        hook.Observe(fired: 5, expected: 5);
        hook.Observe(fired: 0, expected: 4);
        Assert.Equal(HookState.Fired, hook.State);

        // A reading in which nothing happened says nothing.
        hook.Observe(fired: 0, expected: 0);
        Assert.Equal(HookState.Fired, hook.State);
        hook.Observe(fired: 0, expected: 1);
        Assert.Equal((HookState.Blind, 5UL, 10UL), (hook.State, hook.Fired, hook.Expected));
    }

    [Fact]
    public void A_blind_hook_that_counts_again_has_fired()
    {
        MonitorHook hook = Hook();
        hook.Observe(0, 1);
        hook.Observe(0, 1);
        Assert.Equal(HookState.Blind, hook.State);
        hook.Observe(1, 1);
        Assert.Equal(HookState.Fired, hook.State);
        hook.Observe(0, 1);
        Assert.Equal(HookState.Fired, hook.State);
    }

    [Fact]
    public void Without_a_kernel_counter_a_hook_is_never_blind()
    {
        MonitorHook hook = Hook();
        for (int i = 0; i < 10; i++)
        {
            hook.Observe(0, null);
        }

        Assert.Equal(HookState.Unproven, hook.State);
    }

    [Fact]
    public void An_absent_hook_stays_absent()
    {
        MonitorHook hook = Hook();
        hook.Refuse("EPERM");
        hook.Observe(4, 4);
        Assert.Equal((HookState.Absent, null, "EPERM", 0UL), (hook.State, hook.Source, hook.Reason, hook.Fired));
    }

    private static MonitorHook Hook() => new("sched_switch", HookSource.TpBtf, null);
}
