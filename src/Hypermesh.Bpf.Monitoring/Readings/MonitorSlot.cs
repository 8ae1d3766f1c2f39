namespace Hypermesh.Bpf.Monitoring;

/// <summary>A monitor of a set: running, or refused with the reason.</summary>
public sealed class MonitorSlot
{
    private readonly string? _refused;
    private string? _failed;

    private MonitorSlot(string name, KernelMonitor? monitor, string? refused)
    {
        Name = name;
        Monitor = monitor;
        _refused = refused;
        Reading = monitor?.NewReadingOfAnyKind();
    }

    /// <summary>The monitor's name.</summary>
    public string Name { get; }

    /// <summary>The monitor, which the set owns; null when it is refused.</summary>
    public KernelMonitor? Monitor { get; }

    /// <summary>The last reading, which the next <see cref="MonitorSet.Read"/> overwrites; null when the monitor is refused.</summary>
    public MonitorReading? Reading { get; }

    /// <summary>The condition at the last reading.</summary>
    public MonitorCondition Condition => _refused is not null ? MonitorCondition.Refused
        : _failed is not null ? MonitorCondition.Degraded
        : Reading!.Condition;

    /// <summary>What is missing, or why the monitor does not run; null when the condition is <see cref="MonitorCondition.Ok"/>.</summary>
    public string? Reason => _refused ?? _failed ?? Reading!.Reason;

    internal static MonitorSlot Start(string name, Func<KernelMonitor> start)
    {
        try
        {
            return new MonitorSlot(name, start(), null);
        }
        catch (Exception exception) when (exception is BpfException or IOException or UnauthorizedAccessException)
        {
            return new MonitorSlot(name, null, exception.Message);
        }
    }

    /// <summary>True when the last reading was made.</summary>
    internal bool HasReading => Reading is not null && _failed is null;

    /// <summary>Reads the monitor. A reading that fails makes it degraded, and the next one is tried again.</summary>
    internal void Read()
    {
        if (Monitor is null)
        {
            return;
        }

        try
        {
            Monitor.ReadAnyKind(Reading!);
            _failed = null;
        }
        catch (Exception exception) when (exception is BpfException or IOException or UnauthorizedAccessException)
        {
            _failed = $"the last reading failed: {exception.Message}";
        }
    }
}
