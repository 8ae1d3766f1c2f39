using System.Globalization;
using Hypermesh.Bpf.Monitoring.Cpu;
using Hypermesh.Bpf.Monitoring.Figures;

namespace Hypermesh.Bpf.Monitoring;

/// <summary>
/// The activity of the CPUs between two readings. It is created once by <see cref="CpuMonitor.NewReading"/> and filled by each <see cref="KernelMonitor{TReading}.Read(TReading)"/>, so that reading
/// allocates nothing.
/// </summary>
public sealed class CpuReading : MonitorReading
{
    private readonly CpuFigures[] _cpus;
    private readonly List<CpuCGroupFigures> _groups = [];
    private readonly Stack<CpuCGroupFigures> _spare = new();

    internal CpuReading(ReadOnlySpan<int> cpus)
    {
        _cpus = new CpuFigures[cpus.Length];
        for (int slot = 0; slot < cpus.Length; slot++)
        {
            _cpus[slot] = new CpuFigures(cpus[slot]);
        }
    }

    /// <summary>The figures of each possible CPU, in the order of the CPU numbers.</summary>
    public IReadOnlyList<CpuFigures> Cpus => _cpus;

    /// <summary>The figures of all CPUs together.</summary>
    public CpuFigures Total { get; } = new(CpuFigures.AllCpus);

    /// <summary>The number of switches at which the kernel skipped the monitor's program because it was already running on that CPU, by the kernel's own count (5.12; 0 before).</summary>
    public ulong RecursionMisses { get; internal set; }

    /// <summary>The change of the kernel's own count of switches (<c>ctxt</c> of <c>/proc/stat</c>) over this reading.</summary>
    public ulong Ctxt { get; internal set; }

    /// <summary>The least the kernel's count can have changed between the two reads of the monitor's counters: from just after the first to just before the second.</summary>
    public ulong CtxtLow { get; internal set; }

    /// <summary>The most the kernel's count can have changed between them: from just before the first to just after the second.</summary>
    public ulong CtxtHigh { get; internal set; }

    /// <summary>
    /// True when the switches the monitor saw and <see cref="RecursionMisses"/> together are within 1 % of <c>ctxt</c>: at most 1 % of <see cref="CtxtLow"/>
    /// below it, or 1 % of <see cref="CtxtHigh"/> above it. With fewer than 100 switches, none may be missing. <see cref="CpuFigures.Unseen"/> is not included.
    /// When it is false, <see cref="Explain"/> compares the other sources.
    /// </summary>
    public bool Agrees => Agreement.Holds;

    /// <summary>
    /// How far the sum of the switches seen and <see cref="RecursionMisses"/> is outside the kernel's figures: negative if switches are missing, positive if
    /// there are too many, 0 if it is between <see cref="CtxtLow"/> and <see cref="CtxtHigh"/>.
    /// </summary>
    public long Error => Agreement.Error;

    /// <summary>The figures of each cgroup whose tasks ran, that with the most CPU time first; empty unless <see cref="CpuMonitorOptions.ByCGroup"/> is set. The list is reused by the next reading.</summary>
    public IReadOnlyList<CpuCGroupFigures> CGroups => _groups;

    private GroundTruth Agreement => new(MetricTable.ContextSwitches.Name, "ctxt of /proc/stat", Total.Switches + RecursionMisses, CtxtLow, CtxtHigh);

    /// <summary>Explains an <see cref="Error"/> other than 0, or a torn copy, by comparing the sources.</summary>
    /// <returns>One or two sentences for a person; null when there is nothing to explain.</returns>
    public string? Explain()
    {
        string? torn = Total.IsTorn ? $"The counters of {_cpus.Count(cpu => cpu.IsTorn)} CPUs changed during every attempt to copy them; the next reading contains the rest." : null;
        string? gap = Error == 0 ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"The program saw {Total.Switches} switches, the kernel skipped it {RecursionMisses} times because it was already running, and {Total.Unseen} switches that the run queues counted are missing; {Perf()}.");
        return gap is null ? torn : torn is null ? gap : $"{gap} {torn}";
    }

    internal CpuFigures At(int slot) => _cpus[slot];

    internal CpuCGroupFigures AddCGroup(ulong id, string? path)
    {
        if (!_spare.TryPop(out CpuCGroupFigures? group))
        {
            group = new CpuCGroupFigures();
        }

        (group.Id, group.Path) = (id, path);
        _groups.Add(group);
        return group;
    }

    /// <summary>Orders the cgroups: the one whose tasks ran longest is the first.</summary>
    internal void OrderCGroups() => _groups.Sort(static (one, other) => one.TaskTimeNs != other.TaskTimeNs ? other.TaskTimeNs.CompareTo(one.TaskTimeNs) : one.Id.CompareTo(other.Id));

    /// <summary>Adds the comparison with the kernel's count.</summary>
    internal void Compare() => Add(Agreement with { InFlight = _cpus.Length });

    internal override void Report(IFigureSink sink)
    {
        foreach (CpuFigures cpu in _cpus)
        {
            var labels = new MetricLabels(CpuNames.Of(cpu.Number));
            sink.Add(MetricTable.ContextSwitches, cpu.Switches, labels);
        }

        sink.Add(MetricTable.RunQueueLatency, Total.Latency);
        foreach (CpuFigures cpu in _cpus)
        {
            sink.Add(MetricTable.TaskTime, Seconds(cpu.TaskTimeNs), new MetricLabels(CpuNames.Of(cpu.Number)));
        }

        for (int vector = 0; vector < CpuFigures.SoftirqVectors.Count; vector++)
        {
            sink.Add(MetricTable.SoftirqTime, Seconds(Total.SoftirqTimeNs[vector]), new MetricLabels(CpuFigures.SoftirqVectors[vector]));
        }

        sink.Add(MetricTable.IrqTime, Seconds(Total.IrqTimeNs));
        foreach (CpuFigures cpu in _cpus)
        {
            sink.Add(MetricTable.Migrations, cpu.Migrations, new MetricLabels(CpuNames.Of(cpu.Number)));
        }

        Report(sink, MetricTable.CGroupTaskTime, static group => Seconds(group.TaskTimeNs));
        Report(sink, MetricTable.CGroupSwitches, static group => group.Switches);
        Report(sink, MetricTable.CGroupRunQueueTime, static group => Seconds(group.RunQueueTimeNs));
    }

    internal override void Clear()
    {
        Total.Clear();
        foreach (CpuFigures cpu in _cpus)
        {
            cpu.Clear();
        }

        foreach (CpuCGroupFigures group in _groups)
        {
            _spare.Push(group);
        }

        _groups.Clear();
    }

    private void Report(IFigureSink sink, Metric metric, Func<CpuCGroupFigures, double> value) => LargestGroups.Report(sink, metric, _groups, static group => group.Path, (null, value));

    private static double Seconds(ulong ns) => ns / 1e9;

    // If the kernel's two counts agree, the program missed switches; if they differ, the program is not at fault.
    private string Perf()
    {
        if (Total.PerfSwitches is not { } perf)
        {
            return "there is no perf event count to compare";
        }

        string count = $"the kernel's perf event counted {perf}";
        return !(Agreement with { Measured = perf }).Holds ? $"{count}, which differs from ctxt too: /proc/stat may be that of a container"
            : Total.Switches == 0 ? $"{count}: the switches happened, but the program ran at none of them (is it detached?)"
            : $"{count}: the switches happened, but the kernel did not run the program at each of them";
    }
}

/// <summary>The activity of one CPU between two readings, or of all CPUs together.</summary>
public sealed class CpuFigures
{
    /// <summary>The number of <see cref="CpuReading.Total"/>.</summary>
    public const int AllCpus = -1;

    private readonly ulong[] _softirqs = new ulong[SoftirqVectors.Count];
    private readonly ulong[] _softirqTimes = new ulong[SoftirqVectors.Count];

    internal CpuFigures(int cpu) => Number = cpu;

    /// <summary>The kernel's number of the CPU; <see cref="AllCpus"/> for the total.</summary>
    public int Number { get; }

    /// <summary>Context switches that the monitor's program saw, voluntary and involuntary, without any correction.</summary>
    public ulong Switches => Voluntary + Involuntary;

    /// <summary>Switches the kernel counted in the task's <c>voluntary_ctxt_switches</c>: it blocked.</summary>
    public ulong Voluntary { get; private set; }

    /// <summary>Switches the kernel counted in the task's <c>nonvoluntary_ctxt_switches</c>: it was preempted, or yielded, or the idle task.</summary>
    public ulong Involuntary { get; private set; }

    /// <summary>
    /// Context switches as the perf event <c>context-switches</c> counts them: a second count by the kernel, which depends neither on the monitor's program nor
    /// on the counts from which <see cref="Unseen"/> is computed. Null where the kernel refuses the event or the CPU was offline.
    /// </summary>
    public ulong? PerfSwitches { get; private set; }

    /// <summary>
    /// Switches at which the kernel did not run the monitor's program: some kernels run no program while a certain task is current, and none runs once it is
    /// detached. Computed from gaps in the run queue's count of its switches; 0 where the kernel has no such count (without
    /// CONFIG_FAIR_GROUP_SCHED). Not part of <see cref="Switches"/>.
    /// </summary>
    public ulong Unseen { get; private set; }

    /// <summary><see cref="Unseen"/> as a share of all switches that the run queues counted, from 0 to 1.</summary>
    public double UnseenShare => Share(Unseen, Switches);

    /// <summary>The number of times that a task with an unknown wake time started to run; its latency is not in <see cref="Latency"/>.</summary>
    public ulong Missed { get; private set; }

    /// <summary><see cref="Missed"/> as a share of all times a task started to run, from 0 to 1.</summary>
    public double MissedShare => Share(Missed, Latency.Count);

    /// <summary>
    /// True when the CPU's counters changed during every attempt to copy them. The figures may then lack part of the last switch; the next reading contains it.
    /// In <see cref="CpuReading.Total"/>, true when the copy of any CPU is torn.
    /// </summary>
    public bool IsTorn { get; private set; }

    /// <summary>Run-queue latency in seconds: how long tasks that could run waited for a CPU, by the CPU they came to run on.</summary>
    public Exp2Histogram Latency { get; } = Exp2Histogram.OfTimes(CpuSkeleton.UInt64Array40.Length);

    /// <summary>The time that tasks ran, in nanoseconds, from the scheduler's own clock (<c>se.sum_exec_runtime</c>), which cgroups are charged by. The idle task has none.</summary>
    public ulong TaskTimeNs { get; private set; }

    /// <summary>Tasks that moved from this CPU to another one.</summary>
    public ulong Migrations { get; private set; }

    /// <summary>Hardware interrupts whose handlers ran.</summary>
    public ulong Irqs { get; private set; }

    /// <summary>The time in handlers of hardware interrupts, in nanoseconds.</summary>
    public ulong IrqTimeNs { get; private set; }

    /// <summary>Runs of soft interrupts, by vector, in the order of <see cref="SoftirqVectors"/>.</summary>
    public ReadOnlySpan<ulong> Softirqs => _softirqs;

    /// <summary>The time in soft interrupts, in nanoseconds, by vector.</summary>
    public ReadOnlySpan<ulong> SoftirqTimeNs => _softirqTimes;

    /// <summary>The names of the vectors of soft interrupts, as in <c>/proc/softirqs</c>, in lower case.</summary>
    public static IReadOnlyList<string> SoftirqVectors { get; } = ["hi", "timer", "net_tx", "net_rx", "block", "irq_poll", "tasklet", "sched", "hrtimer", "rcu"];

    internal void Clear()
    {
        Voluntary = Involuntary = Unseen = Missed = TaskTimeNs = Migrations = Irqs = IrqTimeNs = 0;
        Array.Clear(_softirqs);
        Array.Clear(_softirqTimes);
        PerfSwitches = null;
        IsTorn = false;
        Latency.Clear();
    }

    /// <summary>Adds the activity of a CPU between two copies of its counters.</summary>
    /// <param name="from">The earlier copy.</param>
    /// <param name="to">The later copy.</param>
    /// <param name="numbered">The increase of the kernel's count of switches between the copies; null where it is not known.</param>
    /// <param name="isTorn">Whether either copy is torn.</param>
    internal void Add(in CpuSkeleton.CpuCounters from, in CpuSkeleton.CpuCounters to, ulong? numbered, bool isTorn)
    {
        ulong voluntary = to.Voluntary - from.Voluntary;
        ulong involuntary = to.Involuntary - from.Involuntary;
        ulong seen = voluntary + involuntary;

        // A switch that the kernel has counted and the program has not yet counted is unseen in this reading and seen in the next one, where seen is larger.
        Unseen += numbered > seen ? numbered.Value - seen : 0;
        Voluntary += voluntary;
        Involuntary += involuntary;
        Missed += to.Missed - from.Missed;
        IsTorn |= isTorn;
        Latency.Add(from.Latency, from.LatencySumNs, to.Latency, to.LatencySumNs);
        Migrations += to.Migrations - from.Migrations;
        Irqs += to.Irqs - from.Irqs;
        IrqTimeNs += to.IrqNs - from.IrqNs;
        for (int vector = 0; vector < _softirqs.Length; vector++)
        {
            _softirqs[vector] += to.Softirqs[vector] - from.Softirqs[vector];
            _softirqTimes[vector] += to.SoftirqNs[vector] - from.SoftirqNs[vector];
        }
    }

    internal void AddTaskTime(ulong ns) => TaskTimeNs += ns;

    /// <summary>Sets the kernel's second count.</summary>
    internal void SetPerfSwitches(ulong? switches) => PerfSwitches = switches;

    private static double Share(ulong part, ulong rest) => part == 0 ? 0 : part / ((double)part + rest);
}

/// <summary>The activity of one cgroup's tasks between two readings, on all CPUs.</summary>
public sealed class CpuCGroupFigures
{
    internal CpuCGroupFigures()
    {
    }

    /// <summary>The cgroup's ID: the inode number of its folder.</summary>
    public ulong Id { get; internal set; }

    /// <summary>The cgroup's path below the root of its hierarchy; null when its folder is gone.</summary>
    public string? Path { get; internal set; }

    /// <summary>Context switches away from its tasks.</summary>
    public ulong Switches { get; internal set; }

    /// <summary>The time that its tasks ran, up to their last switch, in nanoseconds. The tasks of cgroups below it are not included.</summary>
    public ulong TaskTimeNs { get; internal set; }

    /// <summary>The time that its tasks waited for a CPU, in nanoseconds.</summary>
    public ulong RunQueueTimeNs { get; internal set; }
}
