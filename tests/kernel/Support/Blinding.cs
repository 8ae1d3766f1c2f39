using Hypermesh.Bpf.Monitoring;

namespace Hypermesh.Bpf.Tests.Kernel.Support;

/// <summary>Detaches programs of monitors, and shows that a hook which sees nothing is blind. <see cref="HollowKernel"/> is the other way to blind one.</summary>
internal static class Blinding
{
    /// <summary>Ends the link of a program.</summary>
    internal static void Detach(BpfSkeleton monitor, string program)
        => Assert.Single(monitor.Live.Programs.Single(one => one.Name == program && one.IsLoaded).Links).Dispose();

    /// <summary>Observes until the hook's counter has moved in two readings, under a stimulus, and says that it is blind then.</summary>
    internal static void ShowBlind(MonitorHook hook, Action readUnderStimulus)
    {
        // What began before the hook was closed may end in a later reading. It was seen, so the count of readings begins anew.
        ulong? before = hook.Expected;
        ulong fired = hook.Fired;
        int moved = 0;
        for (int i = 0; i < 20 && moved < 2; i++)
        {
            readUnderStimulus();
            moved = hook.Fired > fired ? 0 : moved + (hook.Expected > (before ?? 0) ? 1 : 0);
            (before, fired) = (hook.Expected, hook.Fired);
        }

        Assert.Equal(2, moved);
        Assert.Equal(HookState.Blind, hook.State);
    }
}
