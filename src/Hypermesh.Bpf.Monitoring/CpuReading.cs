namespace Hypermesh.Bpf.Monitoring;

/// <summary>
/// What the CPUs did between two readings. Made once by <see cref="CpuMonitor.NewReading"/> and filled by each <see cref="CpuMonitor.Read"/>, so that reading
/// allocates nothing.
/// </summary>
public sealed class CpuReading
{
    private readonly CpuFigures[] _cpus;

    internal CpuReading(ReadOnlySpan<int> cpus)
    {
        _cpus = new CpuFigures[cpus.Length];
        for (int slot = 0; slot < cpus.Length; slot++)
        {
            _cpus[slot] = new CpuFigures(cpus[slot]);
        }
    }

    /// <summary>When the previous reading was taken: CLOCK_BOOTTIME in nanoseconds.</summary>
    public long StartNs { get; internal set; }

    /// <summary>When this reading was taken: CLOCK_BOOTTIME in nanoseconds.</summary>
    public long EndNs { get; internal set; }

    /// <summary>How much time lies between.</summary>
    public TimeSpan Duration => TimeSpan.FromTicks((EndNs - StartNs) / TimeSpan.NanosecondsPerTick);

    /// <summary>Each possible CPU, in the order of their numbers.</summary>
    public IReadOnlyList<CpuFigures> Cpus => _cpus;

    /// <summary>All CPUs together.</summary>
    public CpuFigures Total { get; } = new(CpuFigures.AllCpus);

    /// <summary>The change of the kernel's own count of switches (<c>ctxt</c> of <c>/proc/stat</c>) over this reading.</summary>
    public ulong Ctxt { get; internal set; }

    /// <summary>The least the kernel's count can have changed between the two reads of the monitor's counters: from just after the first to just before the second.</summary>
    public ulong CtxtLow { get; internal set; }

    /// <summary>The most: from just before the first to just after the second.</summary>
    public ulong CtxtHigh { get; internal set; }

    /// <summary>Whether the monitor's switches lie between the kernel's two figures. If not, some were lost: <see cref="Error"/> says how many.</summary>
    public bool Agrees => Error == 0;

    /// <summary>By how many switches the monitor is off the kernel's figures: negative if it lacks some, positive if it has too many, 0 if it lies between them.</summary>
    public long Error => Total.Switches < CtxtLow ? -(long)(CtxtLow - Total.Switches)
        : Total.Switches > CtxtHigh ? (long)(Total.Switches - CtxtHigh)
        : 0;

    /// <summary>How many nanoseconds the monitor's own programs ran, all together; null unless <see cref="CpuMonitorOptions.MeasureCost"/> is set.</summary>
    public ulong? CostNs { get; internal set; }

    /// <summary>How often they ran; null unless <see cref="CpuMonitorOptions.MeasureCost"/> is set.</summary>
    public ulong? CostRuns { get; internal set; }

    internal CpuFigures At(int slot) => _cpus[slot];

    internal void Clear()
    {
        Total.Clear();
        foreach (CpuFigures cpu in _cpus)
        {
            cpu.Clear();
        }
    }
}
