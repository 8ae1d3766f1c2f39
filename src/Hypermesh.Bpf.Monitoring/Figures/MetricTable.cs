namespace Hypermesh.Bpf.Monitoring.Figures;

/// <summary>
/// All metrics. A name of OpenTelemetry's semantic conventions is used where the meaning is the same, else <c>hypermesh.AREA.THING</c>, and <c>bpf.</c> for facts about BPF objects
/// of any owner. tests/unit/Golden has the list with the names in Prometheus.
/// </summary>
internal static class MetricTable
{
    internal const string Cpu = "cpu.logical_number";
    internal const string CGroup = "hypermesh.cgroup.path";
    internal const string Vector = "hypermesh.vector";
    internal const string Device = "system.device";
    internal const string Interface = "network.interface.name";
    internal const string IoDirection = "network.io.direction";
    internal const string Transport = "network.transport";
    internal const string NetworkType = "network.type";
    internal const string State = "network.connection.state";
    internal const string DiskDirection = "disk.io.direction";
    internal const string ErrorType = "error.type";
    internal const string Reason = "hypermesh.reason";
    internal const string Stage = "hypermesh.stage";
    internal const string Gro = "hypermesh.gro";
    internal const string Kind = "hypermesh.kind";
    internal const string Order = "hypermesh.order";
    internal const string Resource = "hypermesh.resource";
    internal const string ExitCode = "process.exit.code";
    internal const string Operation = "hypermesh.operation";
    internal const string Path = "hypermesh.path";
    internal const string Outcome = "hypermesh.outcome";
    internal const string Monitor = "hypermesh.monitor";
    internal const string Hook = "hypermesh.hook";
    internal const string Source = "hypermesh.source";
    internal const string Ring = "hypermesh.ring";
    internal const string Figure = "hypermesh.figure";
    internal const string Hardware = "hw.id";

    // CPU.
    internal static readonly Metric ContextSwitches = new("hypermesh.cpu.context_switches", MetricKind.Counter, "{switch}", "Context switches that the monitor saw, by CPU.", Cpu);
    internal static readonly Metric RunQueueLatency = new("hypermesh.cpu.runqueue.latency", MetricKind.Histogram, "s", "Time that tasks which could run waited for a CPU.");
    internal static readonly Metric TaskTime = new("hypermesh.cpu.task.time", MetricKind.Counter, "s", "Time that tasks ran, by CPU, from the scheduler's own clock.", Cpu);
    internal static readonly Metric SoftirqTime = new("hypermesh.cpu.softirq.time", MetricKind.Counter, "s", "Time in soft interrupts, by vector.", Vector);
    internal static readonly Metric IrqTime = new("hypermesh.cpu.irq.time", MetricKind.Counter, "s", "Time in handlers of hardware interrupts.");
    internal static readonly Metric Migrations = new("hypermesh.cpu.migrations", MetricKind.Counter, "{migration}", "Tasks that moved to another CPU, by the CPU they left.", Cpu);
    internal static readonly Metric CGroupTaskTime = new("hypermesh.cgroup.cpu.task.time", MetricKind.Counter, "s", "Time that the tasks of a cgroup ran.", CGroup);
    internal static readonly Metric CGroupSwitches = new("hypermesh.cgroup.cpu.context_switches", MetricKind.Counter, "{switch}", "Context switches of the tasks of a cgroup.", CGroup);
    internal static readonly Metric CGroupRunQueueTime = new("hypermesh.cgroup.cpu.runqueue.time", MetricKind.Counter, "s", "Time that the tasks of a cgroup waited for a CPU.", CGroup);

    // Network.
    internal static readonly Metric NetworkPackets = new("system.network.packet.count", MetricKind.Counter, "{packet}", "Packets of an interface that the monitor saw.", Interface, IoDirection);
    internal static readonly Metric NetworkBytes = new("system.network.io", MetricKind.Counter, "By", "Bytes of an interface that the monitor saw.", Interface, IoDirection);
    internal static readonly Metric ProtocolPackets = new("hypermesh.network.protocol.packets", MetricKind.Counter, "{packet}", "Packets by protocol.", IoDirection, NetworkType, Transport);
    internal static readonly Metric ProtocolBytes = new("hypermesh.network.protocol.io", MetricKind.Counter, "By", "Bytes by protocol.", IoDirection, NetworkType, Transport);
    internal static readonly Metric NetworkDrops = new("hypermesh.network.drops", MetricKind.Counter, "{packet}", "Packets that the kernel dropped, by its reason.", Reason);
    internal static readonly Metric NetworkObservation = new("hypermesh.network.observation", MetricKind.Gauge, "", "1 for the place where packets of an interface are counted, and whether received ones are counted before or after GRO joins them.", Interface, Stage, Gro);
    internal static readonly Metric NetworkSegments = new("hypermesh.network.segments", MetricKind.Counter, "{packet}", "Packets on the wire beyond the first one of each packet that GRO or GSO joined.", Interface, IoDirection);

    // TCP.
    internal static readonly Metric TcpDuration = new("hypermesh.tcp.connection.duration", MetricKind.Histogram, "s", "Life of connections that ended.", IoDirection, NetworkType) { LowestExponent = -14, HighestExponent = 12 };
    internal static readonly Metric TcpRtt = new("hypermesh.tcp.rtt", MetricKind.Histogram, "s", "Smoothed round trip, at each segment that acknowledges.", NetworkType);
    internal static readonly Metric TcpRetransmits = new("hypermesh.tcp.retransmits", MetricKind.Counter, "{segment}", "Segments sent again.", State, NetworkType);
    internal static readonly Metric TcpBytes = new("hypermesh.tcp.io", MetricKind.Counter, "By", "Bytes of connections that ended: acknowledged by the peer, received from it.", IoDirection);
    internal static readonly Metric TcpStates = new("hypermesh.tcp.state.changes", MetricKind.Counter, "{change}", "Changes of a connection's state, by the new state.", State);
    internal static readonly Metric TcpConnections = new("system.network.connection.count", MetricKind.Gauge, "{connection}", "Connections by state, by the kernel's table of sockets.", State);

    // Disk.
    internal static readonly Metric DiskBytes = new("system.disk.io", MetricKind.Counter, "By", "Bytes of completed requests.", Device, DiskDirection);
    internal static readonly Metric DiskOperations = new("system.disk.operations", MetricKind.Counter, "{operation}", "Completed requests.", Device, DiskDirection);
    internal static readonly Metric DiskDuration = new("hypermesh.disk.operation.duration", MetricKind.Histogram, "s", "Time of requests in the queue, until their last issue, and in the device.", Device, DiskDirection, Stage);
    internal static readonly Metric DiskErrors = new("hypermesh.disk.errors", MetricKind.Counter, "{error}", "Requests that failed, by error.", Device, DiskDirection, ErrorType);
    internal static readonly Metric CGroupDiskBytes = new("hypermesh.cgroup.disk.io", MetricKind.Counter, "By", "Bytes of completed requests, by the cgroup of their bio.", CGroup, DiskDirection);

    // Memory.
    internal static readonly Metric ReclaimDuration = new("hypermesh.memory.reclaim.duration", MetricKind.Histogram, "s", "Time that tasks were stalled by reclaim.", Kind);
    internal static readonly Metric ReclaimedPages = new("hypermesh.memory.reclaimed.pages", MetricKind.Counter, "{page}", "Pages that stalled tasks reclaimed.", Kind);
    internal static readonly Metric PageAllocations = new("hypermesh.memory.page.allocations", MetricKind.Counter, "{allocation}", "Page allocations, by order.", Order);
    internal static readonly Metric KswapdWakes = new("hypermesh.memory.kswapd.wakes", MetricKind.Counter, "{wake}", "Wake-ups of the thread that reclaims in the background.");
    internal static readonly Metric PressureStallTime = new("hypermesh.pressure.stall.time", MetricKind.Counter, "s", "Pressure stall time, as the kernel counts it.", Resource, Kind);
    internal static readonly Metric CGroupMemoryUsage = new("hypermesh.cgroup.memory.usage", MetricKind.Gauge, "By", "Memory of a cgroup that cannot be reclaimed.", CGroup);
    internal static readonly Metric CGroupMemoryLimit = new("hypermesh.cgroup.memory.limit", MetricKind.Gauge, "By", "The limit of a cgroup's memory.", CGroup);
    internal static readonly Metric CGroupMemorySlope = new("hypermesh.cgroup.memory.slope", MetricKind.Gauge, "By/s", "Growth of a cgroup's memory that cannot be reclaimed.", CGroup);
    internal static readonly Metric CGroupTimeToLimit = new("hypermesh.cgroup.memory.time_to_limit", MetricKind.Gauge, "s", "Time until a cgroup reaches its limit at the present growth; absent when it does not grow.", CGroup);
    internal static readonly Metric OomKills = new("hypermesh.memory.oom.kills", MetricKind.Counter, "{kill}", "Threads that the OOM killer chose.");
    internal static readonly Metric OomWarnings = new("hypermesh.memory.oom.warnings", MetricKind.Counter, "{warning}", "Warnings that ended, by what became of them.", Outcome);
    internal static readonly Metric OomLeadTime = new("hypermesh.memory.oom.lead_time", MetricKind.Histogram, "s", "Time between a warning and the kill.") { LowestExponent = -2, HighestExponent = 7 };

    // Processes.
    internal static readonly Metric ProcessExecs = new("hypermesh.process.execs", MetricKind.Counter, "{exec}", "Programs that were started by exec.");
    internal static readonly Metric ProcessesCreated = new("system.process.created", MetricKind.Counter, "{process}", "Processes that were forked.");
    internal static readonly Metric ThreadsCreated = new("hypermesh.process.threads.created", MetricKind.Counter, "{thread}", "Threads that were created in existing processes.");
    internal static readonly Metric KernelThreadsCreated = new("hypermesh.process.kernel_threads.created", MetricKind.Counter, "{thread}", "Kernel threads that were created.");
    internal static readonly Metric TasksEnded = new("hypermesh.process.tasks.ended", MetricKind.Counter, "{task}", "Processes, threads and kernel threads that ended.");
    internal static readonly Metric ProcessExits = new("hypermesh.process.exits", MetricKind.Counter, "{process}", "Processes that ended, by exit code: 0, 1, 126, 127, signal, other.", ExitCode);
    internal static readonly Metric ProcessLifetime = new("hypermesh.process.lifetime", MetricKind.Histogram, "s", "Life of processes that ended.") { LowestExponent = -10, HighestExponent = 14 };
    internal static readonly Metric ProcessCpuTime = new("hypermesh.process.cpu.time", MetricKind.Histogram, "s", "CPU time of processes that ended.");
    internal static readonly Metric ProcessPeakMemory = new("hypermesh.process.memory.peak", MetricKind.Histogram, "By", "Peak resident memory of processes that ended.") { LowestExponent = 20, HighestExponent = 36 };

    // Files.
    internal static readonly Metric FileOperations = new("hypermesh.file.operations", MetricKind.Counter, "{operation}", "File operations, by the way they were asked for.", Operation, Path, ErrorType);
    internal static readonly Metric FileUnattributed = new("hypermesh.file.unattributed", MetricKind.Counter, "{operation}", "Operations of io_uring that the hooks of system calls do not see.", Operation);

    // GPU.
    internal static readonly Metric GpuQueueTime = new("hypermesh.gpu.job.queue_time", MetricKind.Histogram, "s", "Time of jobs in a queue of the DRM scheduler.");
    internal static readonly Metric GpuRunTime = new("hypermesh.gpu.job.run_time", MetricKind.Histogram, "s", "Time of jobs on the GPU.");
    internal static readonly Metric FenceDuration = new("hypermesh.gpu.fence.duration", MetricKind.Histogram, "s", "Time between the emission of a fence and its signal.");
    internal static readonly Metric GpuUtilization = new("hw.gpu.utilization", MetricKind.Gauge, "1", "Share of time in which the GPU was busy, by NVML.", Hardware);
    internal static readonly Metric GpuMemoryUsage = new("hw.gpu.memory.usage", MetricKind.Gauge, "By", "Memory of the GPU in use, by NVML.", Hardware);
    internal static readonly Metric GpuMemoryLimit = new("hw.gpu.memory.limit", MetricKind.Gauge, "By", "Memory of the GPU, by NVML.", Hardware);
    internal static readonly Metric GpuTemperature = new("hw.temperature", MetricKind.Gauge, "Cel", "Temperature of the GPU, by NVML.", Hardware);
    internal static readonly Metric GpuPower = new("hw.power", MetricKind.Gauge, "W", "Power that the GPU draws, by NVML.", Hardware);

    // How far the figures can be trusted.
    internal static readonly Metric MonitorState = new("hypermesh.monitor.state", MetricKind.Gauge, "", "1 for the condition of a monitor: ok, degraded, refused.", Monitor, Kind);
    internal static readonly Metric HookLive = new("hypermesh.hook.live", MetricKind.Gauge, "", "1 when a hook has fired, 0 when it is unproven or blind.", Monitor, Hook, Source);
    internal static readonly Metric HookBlind = new("hypermesh.hook.blind", MetricKind.Gauge, "", "1 when a kernel counter moved and the hook did not.", Monitor, Hook, Source);
    internal static readonly Metric HookFired = new("hypermesh.hook.fired", MetricKind.Counter, "{event}", "What the monitor counted at a hook.", Monitor, Hook, Source);
    internal static readonly Metric EventsProduced = new("hypermesh.events.produced", MetricKind.Counter, "{event}", "Events that a program wrote or tried to write.", Monitor, Ring);
    internal static readonly Metric EventsDelivered = new("hypermesh.events.delivered", MetricKind.Counter, "{event}", "Events that were read.", Monitor, Ring);
    internal static readonly Metric EventsDropped = new("hypermesh.events.dropped", MetricKind.Counter, "{event}", "Events for which the ring had no room.", Monitor, Ring);
    internal static readonly Metric EventsMissed = new("hypermesh.events.missed", MetricKind.Counter, "{event}", "Runs of a monitor's programs that the kernel skipped (recursion_misses).", Monitor);
    internal static readonly Metric GroundTruthError = new("hypermesh.ground_truth.error", MetricKind.Gauge, "1", "How far a figure is outside the range of its kernel counter, as a share; negative when something is missing.", Monitor, Figure);
    internal static readonly Metric SeriesActive = new("hypermesh.series.active", MetricKind.Gauge, "{series}", "Series that are exported.");
    internal static readonly Metric SeriesLimit = new("hypermesh.series.limit", MetricKind.Gauge, "{series}", "The most series that are exported.");
    internal static readonly Metric SeriesOverflowed = new("hypermesh.series.overflowed", MetricKind.Counter, "{series}", "Figures of a reading that were added to the series of the rest, or left out, because the limit was reached.");
    internal static readonly Metric StatisticsEnabled = new("bpf.stats.enabled", MetricKind.Gauge, "", "1 while the kernel measures the run time of programs for this process.");
    internal static readonly Metric ProgramRunTime = new("bpf.program.run_time", MetricKind.Counter, "s", "Run time of a monitor's programs, while it is measured.", Monitor);
    internal static readonly Metric ProgramRuns = new("bpf.program.runs", MetricKind.Counter, "{run}", "Runs of a monitor's programs, while they are counted.", Monitor);

    /// <summary>All metrics, in the order of the outputs.</summary>
    internal static readonly IReadOnlyList<Metric> All =
    [
        ContextSwitches, RunQueueLatency, TaskTime, SoftirqTime, IrqTime, Migrations, CGroupTaskTime, CGroupSwitches, CGroupRunQueueTime,
        NetworkPackets, NetworkBytes, NetworkSegments, ProtocolPackets, ProtocolBytes, NetworkDrops, NetworkObservation,
        TcpDuration, TcpRtt, TcpRetransmits, TcpBytes, TcpStates, TcpConnections,
        DiskBytes, DiskOperations, DiskDuration, DiskErrors, CGroupDiskBytes,
        ReclaimDuration, ReclaimedPages, PageAllocations, KswapdWakes, PressureStallTime, CGroupMemoryUsage, CGroupMemoryLimit, CGroupMemorySlope, CGroupTimeToLimit, OomKills, OomWarnings, OomLeadTime,
        ProcessExecs, ProcessesCreated, ThreadsCreated, KernelThreadsCreated, TasksEnded, ProcessExits, ProcessLifetime, ProcessCpuTime, ProcessPeakMemory,
        FileOperations, FileUnattributed,
        GpuQueueTime, GpuRunTime, FenceDuration, GpuUtilization, GpuMemoryUsage, GpuMemoryLimit, GpuTemperature, GpuPower,
        MonitorState, HookLive, HookBlind, HookFired, EventsProduced, EventsDelivered, EventsDropped, EventsMissed, GroundTruthError,
        SeriesActive, SeriesLimit, SeriesOverflowed, StatisticsEnabled, ProgramRunTime, ProgramRuns,
    ];
}
