using Hypermesh.Bpf.Hooks.UProbes;

namespace Hypermesh.Bpf.Tests.Kernel.Privileges;

/// <summary>Attaching alone: root has loaded the program. Attaching by link asks for nothing any more since 5.19, but for a few.</summary>
public sealed class AttachPrivilegeTests : PrivilegeTest
{
    private static readonly Capabilities s_call = PrivilegeRow.From(5, 19, Capabilities.None, Capabilities.Bpf);
    private static readonly bool s_adminStandsForNetwork = PrivilegeRow.From(6, 9, then: true, before: false);
    private static readonly CGroupAttachOptions s_withoutLink = new() { Mode = CGroupAttachMode.Multi };

    private static readonly PrivilegeRow[] s_rows =
    [
        new("raw tracepoint", s_call, Uses.Loaded("raw", static live => live.Attach())),
        new("tp_btf", s_call, Uses.Loaded("typed", static live => live.Attach())),
        new("iterator link", s_call, Uses.Loaded("list", static live => live.Attach())),
        new("fentry", s_call, Uses.Loaded("entry", static live => live.Attach())) { Section = "fentry/__x64_sys_getpgid" },
        new("lsm", s_call, Uses.Loaded("security", static live => live.Attach())) { Section = "lsm/task_getpgid" },
        new("classic tracepoint, tracefs readable", s_call | Capabilities.PerfMon, Uses.Loaded("classic", static live => live.Attach())) { AsNobody = false },
        new("kprobe", s_call | Capabilities.PerfMon, Uses.Loaded("probe", static live => live.Attach())) { NeedsKProbes = true },
        new("kprobe.multi", s_call, Uses.Loaded("probes", static live => live.Attach())) { Feature = BpfFeature.KProbeMultiLink, AsNobody = false },
        new("uprobe", (UProbePrivileges.Of(Kernel) == Capabilities.SysAdmin ? Capabilities.None : s_call) | UProbePrivileges.Of(Kernel), Uses.Loaded("user", static live => live.Attach())),
        new("uprobe.multi", s_call, Uses.Loaded("users", static live => live.Attach())) { Feature = BpfFeature.UProbeMultiLink },
        new("perf event", s_call | Capabilities.PerfMon, Uses.Loaded("sample", static live => live.Programs.Sample.Attach(
            PerfEventSource.Software(PerfSoftwareEvent.CpuClock).PerSecond(100), PerfEventTarget.AllCpus))),
        new("operations table (TCP congestion control)", s_call, static () =>
        {
            Congestion live = Congestion.Open().Load();
            return new Prepared(() => live.Live.GetStructOps("plain").Attach(), live);
        }),
        new("xdp by link", s_call, Uses.Loaded("packet", static live => live.Programs.Packet.Attach(Uses.Loopback, XdpMode.Generic))),
        new("xdp by netlink", Capabilities.NetAdmin, Uses.Loaded("packet", static live => live.Programs.Packet.AttachByNetlink(
            Uses.Loopback, XdpMode.Generic))) { AdminStandsForNetwork = false },
        new("tcx", s_call, Uses.Loaded("classify", static live => live.Programs.Classify.Attach(Uses.Loopback))) { Hook = BpfAttachType.TcxIngress },
        new("tc filter by netlink", Capabilities.NetAdmin, Uses.Loaded("shape", static live => live.Programs.Shape.AttachFilter(
            Uses.Loopback, PacketDirection.Egress, new TcFilterOptions { CreateClsact = true }))) { AdminStandsForNetwork = false },
        new("netfilter", s_call, Uses.Loaded("hook", static live => live.Programs.Hook.Attach(
            new NetfilterOptions { Hook = NetfilterHook.LocalOut, Priority = -100 }))) { Hook = BpfAttachType.Netfilter },
        new("sk_lookup", s_call, Uses.Loaded("look", static live =>
        {
            using NetworkNamespace here = NetworkNamespace.OpenCurrent();
            live.Programs.Look.Attach(here);
        })),
        new("cgroup_skb by link", s_call | Capabilities.NetAdmin, Uses.LoadedInGroup("group", static (live, group) => live.Programs.Group.Attach(group.Group)))
            { AdminStandsForNetwork = s_adminStandsForNetwork },
        new("cgroup_skb by PROG_ATTACH", s_call | Capabilities.NetAdmin, Uses.LoadedInGroup("group", static (live, group) => live.Programs.Group.Attach(group.Group, s_withoutLink)))
            { AdminStandsForNetwork = s_adminStandsForNetwork },
        new("cgroup/sock_create by link", s_call, Uses.LoadedInGroup("create", static (live, group) => live.Programs.Create.Attach(group.Group))),
        new("cgroup/sock_create by PROG_ATTACH", s_call, Uses.LoadedInGroup("create", static (live, group) => live.Programs.Create.Attach(group.Group, s_withoutLink))),
    ];

    public static TheoryData<string> Rows => PrivilegeRow.Data("attach what is loaded", s_rows);

    [Theory]
    [MemberData(nameof(Rows))]
    public void The_stated_capabilities_suffice_and_each_of_them_is_needed(string what) => Prove(s_rows, what);
}
