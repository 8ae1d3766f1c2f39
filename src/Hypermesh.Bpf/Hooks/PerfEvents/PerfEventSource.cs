using Hypermesh.Bpf.Hooks.TraceEvents;

namespace Hypermesh.Bpf;

/// <summary>A perf event to count, and how often a program runs for it: once for a number of events, or a number of times per second.</summary>
public sealed class PerfEventSource
{
    private const uint TypeHardware = 0;
    private const uint TypeSoftware = 1;
    private const uint TypeBreakpoint = 5;

    // Bits of the attributes' flag word (include/uapi/linux/perf_event.h), which has them from the first kernel that had perf events.
    private const ulong UseFrequency = 1 << 10;
    private const ulong ExcludeKernel = 1 << 5;
    private const ulong WordLength = 8;

    private PerfEventAttr _attributes;

    private PerfEventSource(string name, uint type, ulong config)
    {
        Name = name;
        _attributes.Type = type;
        _attributes.Config = config;
    }

    private PerfEventSource(string name, in PerfEventAttr attributes)
    {
        Name = name;
        _attributes = attributes;
    }

    /// <summary>A readable name of the event.</summary>
    public string Name { get; }

    internal unsafe PerfEventAttr Attributes
    {
        get
        {
            PerfEventAttr attributes = _attributes;
            attributes.Size = (uint)sizeof(PerfEventAttr);
            return attributes;
        }
    }

    /// <summary>The attributes of an event that only counts: nothing is sampled.</summary>
    internal PerfEventAttr CountingAttributes
    {
        get
        {
            PerfEventAttr attributes = Attributes;
            attributes.SamplePeriod = 0;
            attributes.DisabledBits &= ~UseFrequency;
            return attributes;
        }
    }

    /// <summary>An event that the kernel counts; the program runs at every event unless <see cref="Every"/> or <see cref="PerSecond"/> changes that.</summary>
    /// <param name="kind">The event.</param>
    public static PerfEventSource Software(PerfSoftwareEvent kind) => new PerfEventSource($"software event {kind}", TypeSoftware, (ulong)kind).Every(1);

    /// <summary>An event that the processor counts; <see cref="Every"/> or <see cref="PerSecond"/> sets how often the program runs.</summary>
    /// <param name="kind">The event.</param>
    public static PerfEventSource Hardware(PerfHardwareEvent kind) => new PerfEventSource($"hardware event {kind}", TypeHardware, (ulong)kind).PerSecond(99);

    /// <summary>Accesses of an address; the program runs at each access.</summary>
    /// <param name="address">The address, in the process it is attached to or in the kernel.</param>
    /// <param name="access">Which accesses.</param>
    /// <param name="length">The number of bytes from the address on: 1, 2, 4 or 8. Ignored for <see cref="PerfBreakpointAccess.Execute"/>.</param>
    public static PerfEventSource Breakpoint(ulong address, PerfBreakpointAccess access, int length = 4)
    {
        var source = new PerfEventSource($"breakpoint ({access}) at 0x{address:x}", TypeBreakpoint, 0);
        source._attributes.BpType = (uint)access;
        source._attributes.BpAddr = address;
        source._attributes.BpLen = access.HasFlag(PerfBreakpointAccess.Execute) ? WordLength : (ulong)length;
        return source.Every(1);
    }

    /// <summary>Any event of any source: the type is in <c>/sys/bus/event_source/devices/NAME/type</c>, and the source's documentation describes <c>config</c>.</summary>
    /// <param name="type">The type number of the source.</param>
    /// <param name="config">The event of the source.</param>
    public static PerfEventSource Raw(uint type, ulong config) => new PerfEventSource($"event {type}:0x{config:x}", type, config).Every(1);

    /// <summary>Returns the same source with a period: the program runs once for that number of events.</summary>
    /// <param name="period">The number of events.</param>
    public PerfEventSource Every(ulong period)
    {
        PerfEventAttr attributes = _attributes;
        attributes.SamplePeriod = period;
        attributes.DisabledBits &= ~UseFrequency;
        return new PerfEventSource(Name, attributes);
    }

    /// <summary>Returns the same source with a frequency: the kernel runs the program about that many times per second.</summary>
    /// <param name="hertz">The frequency; at most <c>kernel.perf_event_max_sample_rate</c>.</param>
    public PerfEventSource PerSecond(ulong hertz)
    {
        PerfEventAttr attributes = _attributes;
        attributes.SampleFreq = hertz;
        attributes.DisabledBits |= UseFrequency;
        return new PerfEventSource(Name, attributes);
    }

    /// <summary>Returns the same source, without events in the kernel.</summary>
    public PerfEventSource UserOnly()
    {
        PerfEventAttr attributes = _attributes;
        attributes.DisabledBits |= ExcludeKernel;
        return new PerfEventSource(Name, attributes);
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>Events that the processor counts (<c>enum perf_hw_id</c>); virtual machines often have none of them.</summary>
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

    /// <summary>Cycles in which no instruction was issued.</summary>
    StalledCyclesFrontend = 7,

    /// <summary>Cycles in which no instruction was completed.</summary>
    StalledCyclesBackend = 8,

    /// <summary>Cycles at a constant frequency.</summary>
    ReferenceCpuCycles = 9,
}

/// <summary>Events that the kernel counts (<c>enum perf_sw_ids</c>).</summary>
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

    /// <summary>Page faults without I/O.</summary>
    MinorPageFaults = 5,

    /// <summary>Page faults with I/O.</summary>
    MajorPageFaults = 6,

    /// <summary>Accesses the kernel had to align.</summary>
    AlignmentFaults = 7,

    /// <summary>Instructions the kernel had to emulate.</summary>
    EmulationFaults = 8,

    /// <summary>Changes to a task of another control group (5.13).</summary>
    CGroupSwitches = 11,
}

/// <summary>The accesses that a breakpoint counts (<c>HW_BREAKPOINT_*</c>).</summary>
[Flags]
public enum PerfBreakpointAccess : uint
{
    /// <summary>Reads; x86 counts them with writes only.</summary>
    Read = 1,

    /// <summary>Writes.</summary>
    Write = 2,

    /// <summary>Reads and writes.</summary>
    ReadWrite = Read | Write,

    /// <summary>Execution of the instruction at the address.</summary>
    Execute = 4,
}

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

    /// <summary>All CPUs that are online at the time of attaching; CPUs that come online later have no event.</summary>
    public static PerfEventTarget AllCpus { get; } = new("all CPUs", Everyone, null);

    /// <summary>A readable name of the target.</summary>
    public string Name { get; }

    internal int Task { get; }

    /// <summary>Null for every CPU with an event of its own.</summary>
    internal int? CpuNumber { get; }

    /// <summary>One CPU, for all tasks on it.</summary>
    /// <param name="number">The CPU's number.</param>
    public static PerfEventTarget Cpu(int number) => new($"CPU {number}", Everyone, number);

    /// <summary>One thread, on any CPU. For a process, attach to each of its threads.</summary>
    /// <param name="number">The thread's ID (for the first thread of a process, the process ID).</param>
    public static PerfEventTarget Thread(int number) => new($"thread {number}", number, PerfEvents.AllCpus);

    /// <inheritdoc/>
    public override string ToString() => Name ?? "";
}
