namespace Hypermesh.Bpf;

/// <summary>What the processor counts (<c>enum perf_hw_id</c>); virtual machines often have none of it.</summary>
public enum PerfHardwareEvent : ulong
{
    /// <summary>Cycles, at whatever frequency.</summary>
    CpuCycles = 0,

    /// <summary>Instructions that were completed.</summary>
    Instructions = 1,

    /// <summary>Accesses of the last-level cache.</summary>
    CacheReferences = 2,

    /// <summary>Misses of the last-level cache.</summary>
    CacheMisses = 3,

    /// <summary>Branches that were completed.</summary>
    BranchInstructions = 4,

    /// <summary>Branches that were predicted wrongly.</summary>
    BranchMisses = 5,

    /// <summary>Cycles of the bus.</summary>
    BusCycles = 6,

    /// <summary>Cycles in which nothing was begun.</summary>
    StalledCyclesFrontend = 7,

    /// <summary>Cycles in which nothing was completed.</summary>
    StalledCyclesBackend = 8,

    /// <summary>Cycles at a constant frequency.</summary>
    ReferenceCpuCycles = 9,
}
