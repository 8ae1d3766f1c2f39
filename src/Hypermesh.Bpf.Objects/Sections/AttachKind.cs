namespace Hypermesh.Bpf.Objects.Sections;

/// <summary>The way in which programs of a section are attached; the loader has one method for each kind.</summary>
internal enum AttachKind
{
    /// <summary>The way is not known.</summary>
    None,

    /// <summary>To a socket, by <c>setsockopt</c>.</summary>
    SocketFilter,

    /// <summary>To a group of sockets that share a port.</summary>
    ReusePort,

    /// <summary>To a kernel function or an instruction in it.</summary>
    KProbe,

    /// <summary>To a function of a user program or library.</summary>
    UProbe,

    /// <summary>To many kernel functions at once.</summary>
    KProbeMulti,

    /// <summary>To entry and return of many kernel functions.</summary>
    KProbeSession,

    /// <summary>To many places of a user program at once.</summary>
    UProbeMulti,

    /// <summary>To a system call, by its name without prefix.</summary>
    KernelSyscall,

    /// <summary>To a static probe of a user program.</summary>
    Usdt,

    /// <summary>To a network device's TC hook, by a link.</summary>
    Tcx,

    /// <summary>To a network device as a TC filter or action.</summary>
    TrafficControl,

    /// <summary>To a network device as the action of a TC filter.</summary>
    TrafficAction,

    /// <summary>To a netkit device pair.</summary>
    Netkit,

    /// <summary>To a tracepoint, through perf events.</summary>
    Tracepoint,

    /// <summary>To a tracepoint with its raw arguments.</summary>
    RawTracepoint,

    /// <summary>To a typed kernel target: tracepoint with BTF, function entry or exit.</summary>
    Trace,

    /// <summary>To the entry or exit of many kernel functions at once, with their types.</summary>
    TraceMulti,

    /// <summary>In place of a function of another program.</summary>
    Extension,

    /// <summary>To a Linux security hook.</summary>
    Lsm,

    /// <summary>To a control group.</summary>
    CGroup,

    /// <summary>To the packets of a control group, in a direction given at attach.</summary>
    CGroupPackets,

    /// <summary>To a kernel iterator; reading it runs the program.</summary>
    Iterator,

    /// <summary>Not attached: it is run on demand.</summary>
    Syscall,

    /// <summary>Into an entry of a device or CPU map.</summary>
    MapEntry,

    /// <summary>To a network device's receive path.</summary>
    Xdp,

    /// <summary>To a perf event.</summary>
    PerfEvent,

    /// <summary>To a route, by <c>ip route</c>.</summary>
    Route,

    /// <summary>To a socket map.</summary>
    SockMap,

    /// <summary>To a socket map, with a role given at attach.</summary>
    SockMapPart,

    /// <summary>To an infrared receiver.</summary>
    Lirc,

    /// <summary>To a network namespace.</summary>
    NetworkNamespace,

    /// <summary>As a member of a struct_ops map.</summary>
    StructOps,

    /// <summary>To a netfilter hook.</summary>
    Netfilter,
}
