using System.Net;
using System.Net.Sockets;
using Hypermesh.Bpf.Loading;

namespace Hypermesh.Bpf.Tests.Kernel.Privileges;

/// <summary>
/// Load, attach and read with exactly the capabilities that are stated for each kind, and as nobody where no file of root's is needed: they suffice, and each of them is
/// missed and named. Each test is a row of the table of kinds × kernels.
/// </summary>
public sealed class LeastPrivilegeTests : KernelTest
{
    private const Capabilities Tracing = Capabilities.Bpf | Capabilities.PerfMon;
    private const Capabilities Network = Capabilities.Bpf | Capabilities.NetAdmin;

    private static readonly Dictionary<string, (Capabilities Needs, bool AsNobody, string Program, Action<Privileged> Use)> s_kinds = new()
    {
        ["maps: CAP_BPF"] = (Capabilities.Bpf, true, "", static live =>
        {
            live.Maps.Counts[0] = 7;
            Assert.Equal(7ul, live.Maps.Counts[0]);
            Assert.Equal(0, live.Maps.Events.Consume(static _ => { }));
        }),
        ["socket filter: CAP_BPF"] = (Capabilities.Bpf, true, "filter", static live =>
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            live.Programs.Filter.Attach(socket);
            socket.SendTo([1], socket.LocalEndPoint!);
            Assert.Equal(1ul, live.Maps.Counts[0]);
        }),
        ["syscall: CAP_BPF"] = (Capabilities.Bpf, true, "run", static live =>
        {
            ulong context = 0;
            live.Programs.Run.Run(ref context);
            Assert.Equal(1ul, live.Maps.Counts[0]);
        }),
        ["raw tracepoint: CAP_BPF, CAP_PERFMON"] = (Tracing, true, "raw", Switch),
        ["tp_btf: CAP_BPF, CAP_PERFMON"] = (Tracing, true, "typed", Switch),
        ["classic tracepoint: CAP_BPF, CAP_PERFMON, tracefs"] = (Tracing, false, "classic", Switch),
        ["iterator: CAP_BPF, CAP_PERFMON"] = (Tracing, true, "list", static live =>
        {
            live.Programs.List.Run();
            Assert.NotEqual(0ul, live.Maps.Counts[0]);
        }),
        ["xdp: CAP_BPF, CAP_NET_ADMIN"] = (Network, true, "packet", static live =>
        {
            live.Programs.Packet.Attach(NetworkDevice.FromName("lo"), XdpMode.Generic);
            Send();
            Assert.NotEqual(0ul, live.Maps.Counts[0]);
        }),
        ["tcx: CAP_BPF, CAP_NET_ADMIN"] = (Network, true, "classify", static live =>
        {
            live.Programs.Classify.Attach(NetworkDevice.FromName("lo"));
            Send();
            Assert.NotEqual(0ul, live.Maps.Counts[0]);
        }),
        ["sk_lookup: CAP_BPF"] = (Capabilities.Bpf, true, "look", static live =>
        {
            using NetworkNamespace here = NetworkNamespace.OpenCurrent();
            live.Programs.Look.Attach(here);
            Send();
            Assert.NotEqual(0ul, live.Maps.Counts[0]);
        }),
    };

    public static TheoryData<string> Kinds => [.. s_kinds.Keys];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_stated_capabilities_suffice_and_each_is_missed(string kind)
    {
        (Capabilities needs, bool asNobody, string program, Action<Privileged> use) = s_kinds[kind];
        PrivateNamespace.WithNetwork(() => PrivateNamespace.WithTracing(() =>
        {
            AssertPossible(program);
            LimitedThread.Run(needs, asNobody, () => LoadAndUse(program, use));
            foreach (Capabilities one in Enum.GetValues<Capabilities>().Where(one => one != Capabilities.None && needs.HasFlag(one)))
            {
                var refused = Assert.Throws<BpfPermissionException>(() => LimitedThread.Run(needs & ~one, asNobody, () => LoadAndUse(program, use)));
                Assert.Equal((BpfRefusal.Capability, CapabilityNames.Of(one)), (refused.Refused, refused.MissingCapability));
            }
        }));
    }

    [Fact]
    public void Every_type_of_program_is_loaded_with_its_capabilities_and_with_no_fewer()
    {
        int tried = 0;
        foreach (BpfProgramType type in Enum.GetValues<BpfProgramType>().Where(static type => BpfFeatures.Current.Check(type).State == BpfFeatureState.Supported))
        {
            Capabilities needs = ProgramCapabilities.Of(type);
            LimitedThread.Run(needs, asNobody: true, () => Assert.True(ProgramTypeProbes.Try(Kernel, type) >= 0, $"{type} does not load with {CapabilityNames.Of(needs)}"));
            foreach (Capabilities one in Enum.GetValues<Capabilities>().Where(one => one != Capabilities.None && needs.HasFlag(one)))
            {
                LimitedThread.Run(needs & ~one, asNobody: true, () => Assert.True(ProgramTypeProbes.Try(Kernel, type) == -Errno.EPERM, $"{type} loads without {CapabilityNames.Of(one)}"));
                tried++;
            }
        }

        Assert.True(tried > 40, $"{tried} refusals");
    }

    [Fact]
    public void Lists_and_statistics_need_the_administrator()
    {
        const Capabilities All = Capabilities.Bpf | Capabilities.PerfMon | Capabilities.NetAdmin | Capabilities.Syslog;
        Own(MapCreator.Create(Kernel, new BpfMapDefinition("listed", BpfMapType.Array, 4, 4, 1)));
        foreach (Action action in (Action[])[static () => BpfMapInfo.List(), static () => BpfStatistics.Enable().Dispose()])
        {
            LimitedThread.Run(Capabilities.SysAdmin, asNobody: true, action);
            var refused = Assert.Throws<BpfPermissionException>(() => LimitedThread.Run(All, asNobody: true, action));
            Assert.Equal("CAP_SYS_ADMIN", refused.MissingCapability);
        }
    }

    [Fact]
    public void A_classic_tracepoint_needs_tracefs_to_be_readable() => PrivateNamespace.WithTracing(() =>
    {
        var refused = Assert.Throws<BpfPermissionException>(() => LimitedThread.Run(Tracing, asNobody: true, () => LoadAndUse("classic", Switch)));
        Assert.Contains("trac", refused.Message, StringComparison.Ordinal);
    });

    // What root cannot do here either is no question of capabilities.
    private static void AssertPossible(string program)
    {
        try
        {
            using Privileged live = Load(program);
        }
        catch (BpfFeatureNotSupportedException reason)
        {
            Assert.Skip(reason.Message);
        }

        if (program == "classify")
        {
            Needs(BpfFeature.TcxLink);
        }
    }

    private static Privileged Load(string program)
    {
        Privileged.Spec spec = Privileged.Open();
        if (program.Length > 0)
        {
            spec.Object.Program(program).Enabled = true;
        }

        return spec.Load();
    }

    private static void LoadAndUse(string program, Action<Privileged> use)
    {
        using Privileged live = Load(program);
        use(live);
    }

    private static void Switch(Privileged live)
    {
        live.Attach();
        for (int i = 0; i < 100 && live.Maps.Counts[0] == 0; i++)
        {
            Thread.Sleep(1);
        }

        Assert.NotEqual(0ul, live.Maps.Counts[0]);
    }

    private static void Send()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.SendTo([1], socket.LocalEndPoint!);
    }
}
