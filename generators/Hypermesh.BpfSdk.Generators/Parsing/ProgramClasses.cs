using Hypermesh.Bpf.Objects.Sections;

namespace Hypermesh.BpfSdk.Generators.Parsing;

/// <summary>
/// The table from how a program is attached to its class in the library. A class has the one attach its programs may have;
/// what has no row becomes <c>BpfOtherProgram</c>, which has none.
/// </summary>
internal static class ProgramClasses
{
    private const string Namespace = "global::Hypermesh.Bpf.";

    private static readonly Dictionary<AttachKind, string> s_rows = new()
    {
        [AttachKind.Trace] = "BpfTracingProgram",
        [AttachKind.TraceMulti] = "BpfTracingMultiProgram",
        [AttachKind.Extension] = "BpfExtensionProgram",
        [AttachKind.Lsm] = "BpfLsmProgram",
        [AttachKind.KProbe] = "BpfKProbeProgram",
        [AttachKind.KProbeMulti] = "BpfKProbeMultiProgram",
        [AttachKind.KProbeSession] = "BpfKProbeMultiProgram",
        [AttachKind.KernelSyscall] = "BpfKSyscallProgram",
        [AttachKind.UProbe] = "BpfUProbeProgram",
        [AttachKind.UProbeMulti] = "BpfUProbeMultiProgram",
        [AttachKind.Usdt] = "BpfUsdtProgram",
        [AttachKind.PerfEvent] = "BpfPerfEventProgram",
        [AttachKind.RawTracepoint] = "BpfRawTracepointProgram",
        [AttachKind.Tracepoint] = "BpfTracepointProgram",
        [AttachKind.Xdp] = "BpfXdpProgram",
        [AttachKind.Tcx] = "BpfTcxProgram",
        [AttachKind.TrafficControl] = "BpfSchedClassifierProgram",
        [AttachKind.SocketFilter] = "BpfSocketFilterProgram",
        [AttachKind.Syscall] = "BpfSyscallProgram",
        [AttachKind.Iterator] = "BpfIteratorProgram",
        [AttachKind.TrafficAction] = "BpfSchedActionProgram",
        [AttachKind.Netkit] = "BpfNetkitProgram",
        [AttachKind.Netfilter] = "BpfNetfilterProgram",
        [AttachKind.NetworkNamespace] = "BpfNetworkNamespaceProgram",
        [AttachKind.SockMap] = "BpfSockMapProgram",
        [AttachKind.SockMapPart] = "BpfSkSkbProgram",
        [AttachKind.ReusePort] = "BpfReusePortProgram",
        [AttachKind.Route] = "BpfLwtProgram",
        [AttachKind.MapEntry] = "BpfXdpMapProgram",
        [AttachKind.Lirc] = "BpfLircProgram",
        [AttachKind.CGroup] = "BpfCGroupProgram",
        [AttachKind.CGroupPackets] = "BpfCGroupPacketProgram",
    };

    public static string Find(AttachKind kind) => Namespace + (s_rows.TryGetValue(kind, out string? name) ? name : "BpfOtherProgram");
}
