using System.Globalization;

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

    /// <summary>How many switches the kernel skipped the monitor's program at because it was running already on that CPU, by the kernel's own count (5.12; 0 before).</summary>
    public ulong RecursionMisses { get; internal set; }

    /// <summary>The change of the kernel's own count of switches (<c>ctxt</c> of <c>/proc/stat</c>) over this reading.</summary>
    public ulong Ctxt { get; internal set; }

    /// <summary>The least the kernel's count can have changed between the two reads of the monitor's counters: from just after the first to just before the second.</summary>
    public ulong CtxtLow { get; internal set; }

    /// <summary>The most: from just before the first to just after the second.</summary>
    public ulong CtxtHigh { get; internal set; }

    /// <summary>
    /// Whether the switches the monitor saw and <see cref="RecursionMisses"/> together are within 1 % of what <c>ctxt</c> says: no more than 1 % of
    /// <see cref="CtxtLow"/> below it, no more than 1 % of <see cref="CtxtHigh"/> above it. Of fewer than 100 switches none may be lacking.
    /// <see cref="CpuFigures.Unseen"/> has no part in it. If it is false, <see cref="Explain"/> says what the other sources say.
    /// </summary>
    public bool Agrees => Agreement.Holds;

    /// <summary>
    /// By how many switches the sum of those seen and <see cref="RecursionMisses"/> is off the kernel's figures: negative if it lacks some, positive if it has
    /// too many, 0 if it lies between <see cref="CtxtLow"/> and <see cref="CtxtHigh"/>.
    /// </summary>
    public long Error => Agreement.Error;

    /// <summary>How many nanoseconds the monitor's own programs ran, all together; null unless <see cref="CpuMonitorOptions.MeasureCost"/> is set.</summary>
    public ulong? CostNs { get; internal set; }

    /// <summary>How often they ran; null unless <see cref="CpuMonitorOptions.MeasureCost"/> is set.</summary>
    public ulong? CostRuns { get; internal set; }

    private Agreement Agreement => new(Total.Switches + RecursionMisses, CtxtLow, CtxtHigh);

    /// <summary>Compares the sources where <see cref="Error"/> is not 0 or a copy is torn.</summary>
    /// <returns>One sentence or two for a person; null when there is nothing to explain.</returns>
    public string? Explain()
    {
        string? torn = Total.IsTorn ? $"The counters of {_cpus.Count(cpu => cpu.IsTorn)} CPUs changed at every attempt to copy them; the next reading has the rest." : null;
        string? gap = Error == 0 ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"The program saw {Total.Switches}, the kernel skipped it {RecursionMisses} times as already running, {Total.Unseen} of the run queues' numbers are lacking; {Perf()}.");
        return gap is null ? torn : torn is null ? gap : $"{gap} {torn}";
    }

    internal CpuFigures At(int slot) => _cpus[slot];

    internal void Clear()
    {
        Total.Clear();
        foreach (CpuFigures cpu in _cpus)
        {
            cpu.Clear();
        }
    }

    // Two counts of the kernel's that agree leave the program; if they do not, the program is not what is wrong.
    private string Perf()
    {
        if (Total.PerfSwitches is not { } perf)
        {
            return "there is no perf count to hold against it";
        }

        string count = $"the kernel's perf event counted {perf}";
        return !new Agreement(perf, CtxtLow, CtxtHigh).Holds ? $"{count}, which is not ctxt either: /proc/stat may be that of a container"
            : Total.Switches == 0 ? $"{count}: the switches took place, and the program ran at none of them (is it detached?)"
            : $"{count}: the switches took place, and the kernel did not run the program at all of them";
    }
}
