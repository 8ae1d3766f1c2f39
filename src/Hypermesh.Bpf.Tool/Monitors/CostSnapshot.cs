namespace Hypermesh.Bpf.Tool.Monitors;

/// <summary>The run statistics of all BPF programs of the machine during one period.</summary>
/// <param name="Programs">The programs; empty before the second sample.</param>
/// <param name="Seconds">The period.</param>
/// <param name="MapBytes">The memory of all their maps, each counted once; null when it cannot be read.</param>
/// <param name="Refusal">Why there are none; null when they were read.</param>
internal sealed record ProgramsSnapshot(IReadOnlyList<ProgramCost> Programs, double Seconds, ulong? MapBytes, string? Refusal);

/// <summary>What one program did during a period.</summary>
/// <param name="Id">The kernel's ID.</param>
/// <param name="Name">Its name.</param>
/// <param name="Type">The type of program.</param>
/// <param name="Owner">The monitor whose program it is, or the process that holds it; empty when no process does.</param>
/// <param name="IsOurs">Whether it is a monitor's program of this process.</param>
/// <param name="Runs">The number of runs.</param>
/// <param name="RunTimeNs">Their run time.</param>
/// <param name="Missed">The runs that the kernel skipped since the load.</param>
/// <param name="MapBytes">The memory of its maps, also of those that it shares; null when it cannot be read.</param>
internal sealed record ProgramCost(uint Id, string Name, string Type, string Owner, bool IsOurs, ulong Runs, ulong RunTimeNs, ulong Missed, ulong? MapBytes);

/// <summary>What the monitors of this process cost during one period.</summary>
/// <param name="Monitors">One row for each monitor that runs.</param>
/// <param name="Seconds">The period.</param>
/// <param name="ResidentBytes">The resident memory of this process, which all monitors share.</param>
/// <param name="ProcessShare">The CPU time of this process as a share of one core: reading the monitors, and showing them.</param>
/// <param name="Refusal">Why run times are missing; null when they were measured.</param>
internal sealed record CostSnapshot(IReadOnlyList<MonitorCost> Monitors, double Seconds, ulong ResidentBytes, double ProcessShare, string? Refusal);

/// <summary>What one monitor cost during a period.</summary>
/// <param name="Name">The monitor.</param>
/// <param name="Event">What <paramref name="Events"/> counts: switch, packet, I/O.</param>
/// <param name="Events">The number of events by the monitor's own figure; null when it has none.</param>
/// <param name="Runs">The number of runs of its programs.</param>
/// <param name="RunTimeNs">Their run time.</param>
/// <param name="MapBytes">The memory of its maps.</param>
/// <param name="ProgramBytes">The memory of its programs.</param>
internal sealed record MonitorCost(string Name, string Event, double? Events, ulong Runs, ulong RunTimeNs, ulong MapBytes, ulong ProgramBytes)
{
    /// <summary>The run time for one event in nanoseconds; null when there were none.</summary>
    internal double? NsPerEvent => Events is > 0 ? RunTimeNs / Events : null;
}

/// <summary>The processes of the machine that used the CPU most during one period.</summary>
/// <param name="Processes">The processes, the busiest first.</param>
internal sealed record ProcessesSnapshot(IReadOnlyList<ProcessUse> Processes);

/// <summary>What one process used.</summary>
internal readonly record struct ProcessUse(int Id, string Name, double CpuShare, ulong ResidentBytes);
