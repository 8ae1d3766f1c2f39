using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Sections;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;
using Hypermesh.BpfSdk.Skeletons.Model;
using Hypermesh.BpfSdk.Skeletons.Naming;
using Hypermesh.BpfSdk.Skeletons.Sources;

namespace Hypermesh.BpfSdk.Skeletons.Parsing;

/// <summary>Creates the models of an object's programs.</summary>
internal sealed class ProgramParser(SourceLines lines, Findings findings)
{
    public List<ProgramModel> Parse(BpfObjectSpec spec)
    {
        IEnumerable<string> reserved = ReservedNames.OfObject.Concat(["ProgramSet", "LinkSet"]);
        var scope = new NameScope("the programs", "Program", reserved, findings);
        var models = new List<ProgramModel>();
        foreach (BpfProgramSpec program in spec.Programs)
        {
            int line = lines.Of(program);
            if (scope.TryClaim("program", program.Name, out string name, line))
            {
                models.Add(new ProgramModel(program.Name, name, ProgramClasses.Find(program.Section.Attach), program.SectionName, line));
            }
        }

        return models;
    }
}

/// <summary>
/// Maps the way a program is attached to its class in the library. A class has only the attach methods that are valid for its programs;
/// a program without a row becomes <c>BpfOtherProgram</c>, which has none.
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
