using System.Net;
using System.Net.Sockets;
using Hypermesh.Bpf.Hooks.UProbes;
using Hypermesh.Bpf.Maps;

namespace Hypermesh.Bpf.Tests.Kernel.Privileges;

/// <summary>Load, attach and read in one go with exactly the capabilities that are stated, as nobody where no file of root's is needed.</summary>
public sealed class LoadPrivilegeTests : PrivilegeTest
{
    private const Capabilities Tracing = Capabilities.Bpf | Capabilities.PerfMon;
    private const Capabilities Network = Capabilities.Bpf | Capabilities.NetAdmin;

    private static readonly bool s_adminStandsForNetwork = PrivilegeRow.From(6, 9, then: true, before: false);
    private static readonly CGroupAttachOptions s_withoutLink = new() { Mode = CGroupAttachMode.Multi };

    private static readonly PrivilegeRow[] s_rows =
    [
        new("maps", Capabilities.Bpf, Uses.Whole("", static live =>
        {
            live.Maps.Counts[0] = 7;
            Assert.Equal(7ul, live.Maps.Counts[0]);
            Assert.Equal(0, live.Maps.Events.Consume(static _ => { }));
        })),
        new("maps above RLIMIT_MEMLOCK", PrivilegeRow.From(5, 11, Capabilities.Bpf, Capabilities.Bpf | Capabilities.SysResource), Locked),
        new("socket map", Network, () => new Prepared(static () => Create(BpfMapType.SockMap))) { AdminStandsForNetwork = s_adminStandsForNetwork },
        new("device map", Network, () => new Prepared(static () => Create(BpfMapType.DevMap))) { AdminStandsForNetwork = s_adminStandsForNetwork },
        new("CPU map", Capabilities.Bpf, () => new Prepared(static () => Create(BpfMapType.CpuMap))),
        new("perf buffer", Tracing, Uses.Whole("", static live => live.Maps.Samples.OpenBuffer().Dispose())),
        new("socket filter", Capabilities.Bpf, Uses.Whole("filter", static live =>
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            live.Programs.Filter.Attach(socket);
            socket.SendTo([1], socket.LocalEndPoint!);
            Assert.Equal(1ul, live.Maps.Counts[0]);
        })),
        new("syscall program", Capabilities.Bpf, Uses.Whole("run", static live =>
        {
            ulong context = 0;
            live.Programs.Run.Run(ref context);
            Assert.Equal(1ul, live.Maps.Counts[0]);
        })),
        new("raw tracepoint", Tracing, Uses.Whole("raw", Uses.Switch)),
        new("tp_btf", Tracing, Uses.Whole("typed", Uses.Switch)),
        new("classic tracepoint, tracefs readable", Tracing, Uses.Whole("classic", Uses.Switch)) { AsNobody = false },
        new("iterator", Tracing, Uses.Whole("list", static live =>
        {
            live.Programs.List.Run();
            Assert.NotEqual(0ul, live.Maps.Counts[0]);
        })),
        new("kprobe", Tracing, Uses.Whole("probe", Uses.Call)) { NeedsKProbes = true },
        new("kprobe.multi", Tracing, Uses.Whole("probes", Uses.Call)) { Feature = BpfFeature.KProbeMultiLink, AsNobody = false },
        new("uprobe", UProbePrivileges.Of(Kernel) == Capabilities.SysAdmin ? Capabilities.SysAdmin : Tracing, Uses.Whole("user", Uses.CallLibrary)),
        new("uprobe.multi", Tracing, Uses.Whole("users", Uses.CallLibrary)) { Feature = BpfFeature.UProbeMultiLink },
        new("fentry", Tracing, Uses.Whole("entry", Uses.Call)) { Section = "fentry/__x64_sys_getpgid" },
        new("lsm", Tracing, Uses.Whole("security", Uses.Call)) { Section = "lsm/task_getpgid" },
        new("perf event", Tracing, Uses.Whole("sample", static live =>
        {
            live.Programs.Sample.Attach(PerfEventSource.Software(PerfSoftwareEvent.CpuClock).PerSecond(500), PerfEventTarget.AllCpus);
            for (int i = 0; i < 100_000_000 && live.Maps.Counts[0] == 0; i++)
            {
                // A busy CPU is sampled.
            }

            Assert.NotEqual(0ul, live.Maps.Counts[0]);
        })),
        new("operations table (TCP congestion control)", Tracing, static () => new Prepared(static () =>
        {
            using Congestion live = Congestion.Open().Load();
            live.Live.GetStructOps("plain").Attach();
        })),
        new("xdp by link", Network, Uses.Whole("packet", static live =>
        {
            live.Programs.Packet.Attach(Uses.Loopback, XdpMode.Generic);
            Uses.SendCounted(live);
        })),
        new("xdp by netlink", Network, Uses.Whole("packet", static live =>
        {
            live.Programs.Packet.AttachByNetlink(Uses.Loopback, XdpMode.Generic);
            Uses.SendCounted(live);
        })) { AdminStandsForNetwork = false },
        new("tcx", Network, Uses.Whole("classify", static live =>
        {
            live.Programs.Classify.Attach(Uses.Loopback);
            Uses.SendCounted(live);
        })) { Hook = BpfAttachType.TcxIngress },
        new("tc filter by netlink", Network, Uses.Whole("shape", static live =>
        {
            live.Programs.Shape.AttachFilter(Uses.Loopback, PacketDirection.Egress, new TcFilterOptions { CreateClsact = true });
            Uses.SendCounted(live);
        })) { AdminStandsForNetwork = false },
        new("netfilter", Network, Uses.Whole("hook", static live =>
        {
            live.Programs.Hook.Attach(new NetfilterOptions { Hook = NetfilterHook.LocalOut, Priority = -100 });
            Uses.SendCounted(live);
        })) { Hook = BpfAttachType.Netfilter },
        new("sk_lookup", Capabilities.Bpf, Uses.Whole("look", static live =>
        {
            using NetworkNamespace here = NetworkNamespace.OpenCurrent();
            live.Programs.Look.Attach(here);
            Uses.SendCounted(live);
        })),
        new("cgroup_skb by link", Network, Uses.WholeInGroup("group", static (live, group) => live.Programs.Group.Attach(group.Group)))
            { AdminStandsForNetwork = s_adminStandsForNetwork },
        new("cgroup_skb by PROG_ATTACH", Network, Uses.WholeInGroup("group", static (live, group) => live.Programs.Group.Attach(group.Group, s_withoutLink)))
            { AdminStandsForNetwork = s_adminStandsForNetwork },
        new("cgroup/sock_create by link", Network, Uses.WholeInGroup("create", static (live, group) => live.Programs.Create.Attach(group.Group))),
        new("cgroup/sock_create by PROG_ATTACH", Network, Uses.WholeInGroup("create", static (live, group) => live.Programs.Create.Attach(group.Group, s_withoutLink))),
        new("untyped __ksym", Tracing | Capabilities.Syslog, static () => new Prepared(static () =>
        {
            using Privsymbol live = Privsymbol.Open().Load();
        })),
        new("function of a module (kfunc)", Capabilities.SysAdmin, static () =>
        {
            NeedsModule();
            return new Prepared(static () =>
            {
                Privmodule.Spec spec = Privmodule.Open();
                spec.Programs.Lookup.Enabled = true;
                using Privmodule live = spec.Load();
            });
        }),
        new("fentry of a module's function", Capabilities.SysAdmin, static () =>
        {
            NeedsModule();
            return new Prepared(static () =>
            {
                Modules.Spec spec = Modules.Open();
                spec.Programs.Lookup.Enabled = spec.Programs.NamedEntry.Enabled = false;
                using Modules live = spec.Load();
                live.Attach();
            });
        }),
    ];

    public static TheoryData<string> Rows => PrivilegeRow.Data("load, attach, read", s_rows);

    [Theory]
    [MemberData(nameof(Rows))]
    public void The_stated_capabilities_suffice_and_each_of_them_is_needed(string what) => Prove(s_rows, what);

    private static void Create(BpfMapType type) => MapCreator.Create(Kernel, new BpfMapDefinition("limited", type, 4, 4, 4)).Dispose();

    // Built into the kernel, it is no module's.
    private static void NeedsModule()
    {
        Sandbox.Shell("modprobe -q nf_conntrack || true");
        Assert.SkipUnless(File.Exists("/sys/kernel/btf/nf_conntrack"), "this kernel has no module nf_conntrack with types of its own");
    }

    // The limit is the process's; only where it counts is it lowered for good, and put back by who may.
    private static Prepared Locked()
    {
        Assert.Equal(0, Kernel.GetMemoryLockLimit(out ulong soft, out ulong hard));
        bool counts = PrivilegeRow.From(5, 11, then: false, before: true);
        Assert.Equal(0, Kernel.SetMemoryLockLimit(0, counts ? 0 : hard));
        return new Prepared(
            static () =>
            {
                using Privileged live = Uses.Load("");
            },
            new Restored(soft, hard));
    }

    private sealed class Restored(ulong soft, ulong hard) : IDisposable
    {
        public void Dispose() => Assert.Equal(0, Kernel.SetMemoryLockLimit(soft, hard));
    }
}
