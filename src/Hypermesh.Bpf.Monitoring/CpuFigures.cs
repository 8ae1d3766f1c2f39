namespace Hypermesh.Bpf.Monitoring;

/// <summary>What one CPU did between two readings, or all CPUs together.</summary>
public sealed class CpuFigures
{
    /// <summary>The number of <see cref="CpuReading.Total"/>.</summary>
    public const int AllCpus = -1;

    internal CpuFigures(int cpu) => Number = cpu;

    /// <summary>The CPU's number as the kernel counts them; <see cref="AllCpus"/> for the total.</summary>
    public int Number { get; }

    /// <summary>Context switches that the monitor's program saw, voluntary and involuntary. Nothing is added to them.</summary>
    public ulong Switches => Voluntary + Involuntary;

    /// <summary>Switches the kernel counted in the task's <c>voluntary_ctxt_switches</c>: it blocked.</summary>
    public ulong Voluntary { get; private set; }

    /// <summary>Switches the kernel counted in the task's <c>nonvoluntary_ctxt_switches</c>: it was preempted, or yielded, or the idle task.</summary>
    public ulong Involuntary { get; private set; }

    /// <summary>
    /// Context switches as the perf event <c>context-switches</c> counts them: a second count by the kernel, which depends neither on the monitor's program nor
    /// on the numbers behind <see cref="Unseen"/>. Null where the kernel refuses the event or the CPU was offline.
    /// </summary>
    public ulong? PerfSwitches { get; private set; }

    /// <summary>
    /// Switches at which the kernel did not run the monitor's program: some kernels run no program while a certain task is current, and none runs once it is
    /// detached. Computed from the gaps between the run queue's numbers of its switches; 0 where the kernel has no such numbers (without
    /// CONFIG_FAIR_GROUP_SCHED). Not part of <see cref="Switches"/>.
    /// </summary>
    public ulong Unseen { get; private set; }

    /// <summary><see cref="Unseen"/> as a share of all numbered switches, from 0 to 1.</summary>
    public double UnseenShare => Share(Unseen, Switches);

    /// <summary>How often a task started to run whose wake time is unknown, so that its latency is not in <see cref="Latency"/>.</summary>
    public ulong Missed { get; private set; }

    /// <summary><see cref="Missed"/> as a share of all times a task started to run, from 0 to 1.</summary>
    public double MissedShare => Share(Missed, Latency.Count);

    /// <summary>
    /// True when the CPU's counters changed during every attempt to copy them. The figures may then lack part of the last switch; the next reading contains it.
    /// In <see cref="CpuReading.Total"/>, true when the copy of any CPU is torn.
    /// </summary>
    public bool IsTorn { get; private set; }

    /// <summary>Run-queue latency: how long tasks that could run waited for a CPU, by the CPU they came to run on.</summary>
    public LatencyHistogram Latency { get; } = new();

    internal void Clear()
    {
        Voluntary = Involuntary = Unseen = Missed = 0;
        PerfSwitches = null;
        IsTorn = false;
        Latency.Clear();
    }

    /// <summary>Adds what a CPU did between two copies of its counters.</summary>
    /// <param name="from">The earlier copy.</param>
    /// <param name="to">The later copy.</param>
    /// <param name="numbered">By how much the kernel's number of switches grew in between; null where it is not known.</param>
    /// <param name="isTorn">Whether either copy is torn.</param>
    internal void Add(in Cpu.CpuCounters from, in Cpu.CpuCounters to, ulong? numbered, bool isTorn)
    {
        ulong voluntary = to.Voluntary - from.Voluntary;
        ulong involuntary = to.Involuntary - from.Involuntary;
        ulong seen = voluntary + involuntary;

        // A switch that the kernel has numbered but the program has not counted yet is unseen in this reading and seen in the next one, where seen is larger then.
        Unseen += numbered > seen ? numbered.Value - seen : 0;
        Voluntary += voluntary;
        Involuntary += involuntary;
        Missed += to.Missed - from.Missed;
        IsTorn |= isTorn;
        Latency.Add(from, to);
    }

    /// <summary>Sets the kernel's second count.</summary>
    internal void SetPerfSwitches(ulong? switches) => PerfSwitches = switches;

    private static double Share(ulong part, ulong rest) => part == 0 ? 0 : part / ((double)part + rest);
}
