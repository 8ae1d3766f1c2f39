namespace Hypermesh.Bpf.Monitoring;

/// <summary>What one CPU did between two readings, or all CPUs together.</summary>
public sealed class CpuFigures
{
    /// <summary>The number of <see cref="CpuReading.Total"/>.</summary>
    public const int AllCpus = -1;

    internal CpuFigures(int cpu) => Number = cpu;

    /// <summary>The CPU's number as the kernel counts them; <see cref="AllCpus"/> for the total.</summary>
    public int Number { get; }

    /// <summary>Context switches: voluntary, involuntary and unseen.</summary>
    public ulong Switches { get; private set; }

    /// <summary>Switches the kernel counted in the task's <c>voluntary_ctxt_switches</c>: it blocked.</summary>
    public ulong Voluntary { get; private set; }

    /// <summary>Switches the kernel counted in the task's <c>nonvoluntary_ctxt_switches</c>: it was preempted, or yielded, or the idle task.</summary>
    public ulong Involuntary { get; private set; }

    /// <summary>
    /// Switches the kernel numbered and at which it did not run the monitor's program: a kernel may run none while a certain task is current. Known from the
    /// gaps between the numbers of the switches seen, so exact; 0 where the kernel gives no number (without CONFIG_FAIR_GROUP_SCHED).
    /// </summary>
    public ulong Unseen { get; private set; }

    /// <summary>How often a task began to run whose wake time is not known, so that its latency is not in <see cref="Latency"/>.</summary>
    public ulong Missed { get; private set; }

    /// <summary>Run-queue latency: how long tasks that could run waited for a CPU, by the CPU they came to run on.</summary>
    public LatencyHistogram Latency { get; } = new();

    internal void Clear()
    {
        Switches = Voluntary = Involuntary = Unseen = Missed = 0;
        Latency.Clear();
    }

    /// <summary>Adds what a CPU did between two copies of its counters.</summary>
    /// <param name="from">The earlier copy.</param>
    /// <param name="to">The later copy.</param>
    /// <param name="numbered">By how much the kernel's number of switches grew in between; null where it is not known.</param>
    internal void Add(in Cpu.CpuCounters from, in Cpu.CpuCounters to, ulong? numbered)
    {
        ulong voluntary = to.Voluntary - from.Voluntary;
        ulong involuntary = to.Involuntary - from.Involuntary;
        ulong seen = voluntary + involuntary;

        // A switch the kernel has numbered and the program has yet to count counts as unseen here and is seen in the next reading: then seen is more.
        ulong unseen = numbered > seen ? numbered.Value - seen : 0;
        Voluntary += voluntary;
        Involuntary += involuntary;
        Unseen += unseen;
        Switches += seen + unseen;
        Missed += to.Missed - from.Missed;
        Latency.Add(from, to);
    }
}
