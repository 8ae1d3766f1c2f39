namespace Hypermesh.Bpf;

/// <summary>What the kernel counts by itself (<c>enum perf_sw_ids</c>).</summary>
public enum PerfSoftwareEvent : ulong
{
    /// <summary>The wall clock of a CPU, in nanoseconds (<c>cpu-clock</c>).</summary>
    CpuClock = 0,

    /// <summary>The time a task runs, in nanoseconds (<c>task-clock</c>).</summary>
    TaskClock = 1,

    /// <summary>Page faults of both kinds.</summary>
    PageFaults = 2,

    /// <summary>Changes from one task to another.</summary>
    ContextSwitches = 3,

    /// <summary>Moves of a task to another CPU.</summary>
    CpuMigrations = 4,

    /// <summary>Page faults that needed no reading.</summary>
    MinorPageFaults = 5,

    /// <summary>Page faults that needed reading.</summary>
    MajorPageFaults = 6,

    /// <summary>Accesses the kernel had to align.</summary>
    AlignmentFaults = 7,

    /// <summary>Instructions the kernel had to emulate.</summary>
    EmulationFaults = 8,

    /// <summary>Changes to a task of another control group (5.13).</summary>
    CGroupSwitches = 11,
}
