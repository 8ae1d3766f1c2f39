using Hypermesh.Bpf.Objects.Sections;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf.Loading.Programs;

/// <summary>Creates the class of program for each attach kind.</summary>
internal static class ProgramFactory
{
    private static readonly Dictionary<AttachKind, Func<BpfProgramDescriptor, BpfProgram>> s_makers = new()
    {
        [AttachKind.Trace] = static descriptor => new BpfTracingProgram(descriptor),
        [AttachKind.TraceMulti] = static descriptor => new BpfTracingMultiProgram(descriptor),
        [AttachKind.Extension] = static descriptor => new BpfExtensionProgram(descriptor),
        [AttachKind.Lsm] = static descriptor => new BpfLsmProgram(descriptor),
        [AttachKind.KProbe] = static descriptor => new BpfKProbeProgram(descriptor),
        [AttachKind.KProbeMulti] = static descriptor => new BpfKProbeMultiProgram(descriptor),
        [AttachKind.KProbeSession] = static descriptor => new BpfKProbeMultiProgram(descriptor),
        [AttachKind.KernelSyscall] = static descriptor => new BpfKSyscallProgram(descriptor),
        [AttachKind.UProbe] = static descriptor => new BpfUProbeProgram(descriptor),
        [AttachKind.UProbeMulti] = static descriptor => new BpfUProbeMultiProgram(descriptor),
        [AttachKind.Usdt] = static descriptor => new BpfUsdtProgram(descriptor),
        [AttachKind.PerfEvent] = static descriptor => new BpfPerfEventProgram(descriptor),
        [AttachKind.Iterator] = static descriptor => new BpfIteratorProgram(descriptor),
        [AttachKind.RawTracepoint] = static descriptor => new BpfRawTracepointProgram(descriptor),
        [AttachKind.Tracepoint] = static descriptor => new BpfTracepointProgram(descriptor),
        [AttachKind.Xdp] = static descriptor => new BpfXdpProgram(descriptor),
        [AttachKind.Tcx] = static descriptor => new BpfTcxProgram(descriptor),
        [AttachKind.TrafficControl] = static descriptor => new BpfSchedClassifierProgram(descriptor),
        [AttachKind.SocketFilter] = static descriptor => new BpfSocketFilterProgram(descriptor),
        [AttachKind.Syscall] = static descriptor => new BpfSyscallProgram(descriptor),
        [AttachKind.TrafficAction] = static descriptor => new BpfSchedActionProgram(descriptor),
        [AttachKind.Netkit] = static descriptor => new BpfNetkitProgram(descriptor),
        [AttachKind.Netfilter] = static descriptor => new BpfNetfilterProgram(descriptor),
        [AttachKind.NetworkNamespace] = static descriptor => new BpfNetworkNamespaceProgram(descriptor),
        [AttachKind.SockMap] = static descriptor => new BpfSockMapProgram(descriptor),
        [AttachKind.SockMapPart] = static descriptor => new BpfSkSkbProgram(descriptor),
        [AttachKind.ReusePort] = static descriptor => new BpfReusePortProgram(descriptor),
        [AttachKind.Route] = static descriptor => new BpfLwtProgram(descriptor),
        [AttachKind.MapEntry] = static descriptor => new BpfXdpMapProgram(descriptor),
        [AttachKind.Lirc] = static descriptor => new BpfLircProgram(descriptor),
        [AttachKind.CGroup] = static descriptor => new BpfCGroupProgram(descriptor),
        [AttachKind.CGroupPackets] = static descriptor => new BpfCGroupPacketProgram(descriptor),
    };

    internal static BpfProgram Create(AttachKind kind, BpfProgramDescriptor descriptor)
        => s_makers.TryGetValue(kind, out Func<BpfProgramDescriptor, BpfProgram>? make) ? make(descriptor) : new BpfOtherProgram(descriptor);
}
