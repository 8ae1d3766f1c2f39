namespace Hypermesh.Bpf.Monitoring;

/// <summary>The kind of hook that a monitor uses for an event.</summary>
public enum HookSource
{
    /// <summary>A tracepoint with typed arguments (<c>tp_btf</c>, 5.5).</summary>
    TpBtf,

    /// <summary>A classic tracepoint of tracefs.</summary>
    Tracepoint,

    /// <summary>An iterator over kernel objects (5.8).</summary>
    Iterator,

    /// <summary>XDP on an interface.</summary>
    Xdp,

    /// <summary>TC on an interface (tcx, 6.6).</summary>
    Tcx,
}

/// <summary>What is known of a hook.</summary>
public enum HookState
{
    /// <summary>It was attached and its arguments are known, but nothing has happened yet that it should have seen.</summary>
    Unproven,

    /// <summary>It has counted an event.</summary>
    Fired,

    /// <summary>The kernel counted events in two readings, and the hook saw none of them.</summary>
    Blind,

    /// <summary>It could not be attached.</summary>
    Absent,
}

/// <summary>One hook of a monitor: what it is, and whether it sees what it should.</summary>
public sealed class MonitorHook
{
    private const int ReadingsUntilBlind = 2;

    private int _silent;

    internal MonitorHook(string name, HookSource? source, string? reason)
    {
        Name = name;
        Source = source;
        Reason = reason;
        State = source is null ? HookState.Absent : HookState.Unproven;
    }

    /// <summary>The name, which is that of the kernel's tracepoint or function.</summary>
    public string Name { get; }

    /// <summary>The kind of hook; null when it is <see cref="HookState.Absent"/>.</summary>
    public HookSource? Source { get; private set; }

    /// <summary>What is known of it.</summary>
    public HookState State { get; private set; }

    /// <summary>Why it is absent, or why a better kind of hook is not used; null when there is nothing to say.</summary>
    public string? Reason { get; private set; }

    /// <summary>The number of events that the monitor has counted at it since the start.</summary>
    public ulong Fired { get; private set; }

    /// <summary>The number of events that a kernel counter says it should have seen since the start; null when there is no such counter.</summary>
    public ulong? Expected { get; private set; }

    /// <summary>What the monitor counted at it during the last reading.</summary>
    internal ulong LastFired { get; private set; }

    /// <summary>Records that the kernel refused the hook.</summary>
    internal void Refuse(string reason)
    {
        Source = null;
        State = HookState.Absent;
        Reason = reason;
    }

    /// <summary>Takes the counts of one reading, and judges.</summary>
    /// <param name="fired">What the monitor counted at the hook.</param>
    /// <param name="expected">What a kernel counter says it should have counted at least; null when there is none.</param>
    internal void Observe(ulong fired, ulong? expected)
    {
        if (State == HookState.Absent)
        {
            return;
        }

        LastFired = fired;
        Fired += fired;
        Expected = expected is null ? Expected : (Expected ?? 0) + expected;
        if (fired > 0)
        {
            _silent = 0;
            State = HookState.Fired;
        }
        else if (expected > 0 && ++_silent >= ReadingsUntilBlind)
        {
            State = HookState.Blind;
        }
    }
}

/// <summary>The names of the values in outputs.</summary>
internal static class HookNames
{
    internal static string Name(this HookSource source) => source switch
    {
        HookSource.TpBtf => "tp_btf",
        HookSource.Tracepoint => "tracepoint",
        HookSource.Iterator => "iter",
        HookSource.Xdp => "xdp",
        _ => "tcx",
    };

    internal static string Name(this HookState state) => state switch
    {
        HookState.Fired => "fired",
        HookState.Blind => "blind",
        HookState.Absent => "absent",
        _ => "unproven",
    };
}
