namespace Hypermesh.Bpf;

/// <summary>Where events are counted: on one CPU, on all of them, or wherever a process or thread runs.</summary>
public readonly record struct PerfEventTarget
{
    private const int Everyone = -1;

    private PerfEventTarget(string name, int task, int? cpu)
    {
        Name = name;
        Task = task;
        CpuNumber = cpu;
    }

    /// <summary>All CPUs that are online as it is attached; those that come later have no event.</summary>
    public static PerfEventTarget AllCpus { get; } = new("all CPUs", Everyone, null);

    /// <summary>The target as a person would write it.</summary>
    public string Name { get; }

    internal int Task { get; }

    /// <summary>Null for every CPU with an event of its own.</summary>
    internal int? CpuNumber { get; }

    /// <summary>One CPU, whoever runs there.</summary>
    /// <param name="number">The CPU's number.</param>
    public static PerfEventTarget Cpu(int number) => new($"CPU {number}", Everyone, number);

    /// <summary>One thread, wherever it runs; a process is the threads it has, each apart.</summary>
    /// <param name="number">The thread's number (for a process's first thread, the process's).</param>
    public static PerfEventTarget Thread(int number) => new($"thread {number}", number, PerfEvents.AllCpus);

    /// <inheritdoc/>
    public override string ToString() => Name ?? "";
}
