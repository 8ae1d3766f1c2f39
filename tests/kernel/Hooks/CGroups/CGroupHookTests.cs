using Hypermesh.Bpf.Objects;

namespace Hypermesh.Bpf.Tests.Kernel.Hooks.CGroups;

/// <summary>Each hook of control groups: attached by link to a group of the test's own and fired by one system call each time.</summary>
public sealed class CGroupHookTests : KernelTest
{
    private const int Times = 20;

    [Fact]
    [Row("sections", "cgroup/skb")]
    [Row("links", "cgroup device, sysctl, sockopt, sock, sock_addr, skb")]
    public void Skb_programs_run()
        => Counts(static spec => spec.Programs.Skb, static (programs, group) => programs.Skb.Attach(group, PacketDirection.Ingress), () => Datagrams(RawSocket.Internet));

    [Fact]
    [Row("sections", "cgroup_skb/ingress")]
    public void Ingress_programs_run()
        => Counts(static spec => spec.Programs.Ingress, static (programs, group) => programs.Ingress.Attach(group), () => Datagrams(RawSocket.Internet));

    [Fact]
    [Row("sections", "cgroup_skb/egress")]
    public void Egress_programs_run()
        => Counts(static spec => spec.Programs.Egress, static (programs, group) => programs.Egress.Attach(group), () => Datagrams(RawSocket.Internet6));

    [Fact]
    [Row("sections", "cgroup/sock")]
    [Row("links", "cgroup device, sysctl, sockopt, sock, sock_addr, skb")]
    public void Sock_programs_run()
        => Counts(static spec => spec.Programs.Sock, static (programs, group) => programs.Sock.Attach(group), () => Each(static () => new RawSocket(RawSocket.Internet, RawSocket.Datagram)));

    [Fact]
    [Row("sections", "cgroup/sock_create")]
    public void Sock_create_programs_run()
        => Counts(static spec => spec.Programs.SockCreate, static (programs, group) => programs.SockCreate.Attach(group), () => Each(static () => new RawSocket(RawSocket.Internet6, RawSocket.Stream)));

    [Fact]
    [Row("sections", "cgroup/sock_release")]
    public void Sock_release_programs_run()
        => Counts(static spec => spec.Programs.SockRelease, static (programs, group) => programs.SockRelease.Attach(group), () => Each(static () => new RawSocket(RawSocket.Internet, RawSocket.Stream)));

    [Fact]
    [Row("sections", "cgroup/post_bind4")]
    public void Post_bind4_programs_run()
        => Counts(static spec => spec.Programs.PostBind4, static (programs, group) => programs.PostBind4.Attach(group), () => Each(static () => new RawSocket(RawSocket.Internet, RawSocket.Datagram).BindLoopback()));

    [Fact]
    [Row("sections", "cgroup/bind4")]
    [Row("links", "cgroup device, sysctl, sockopt, sock, sock_addr, skb")]
    public void Bind4_programs_run()
        => Counts(static spec => spec.Programs.Bind4, static (programs, group) => programs.Bind4.Attach(group), () => Each(static () => new RawSocket(RawSocket.Internet, RawSocket.Datagram).BindLoopback()));

    [Fact]
    [Row("sections", "cgroup/connect4")]
    public void Connect4_programs_run()
        => Counts(static spec => spec.Programs.Connect4, static (programs, group) => programs.Connect4.Attach(group), () => Connections(RawSocket.Internet));

    [Fact]
    [Row("sections", "cgroup/sendmsg4")]
    public void Sendmsg4_programs_run()
        => Counts(static spec => spec.Programs.Sendmsg4, static (programs, group) => programs.Sendmsg4.Attach(group), () => Datagrams(RawSocket.Internet));

    [Fact]
    [Row("sections", "cgroup/recvmsg4")]
    public void Recvmsg4_programs_run()
        => Counts(static spec => spec.Programs.Recvmsg4, static (programs, group) => programs.Recvmsg4.Attach(group), () => Datagrams(RawSocket.Internet));

    [Fact]
    [Row("sections", "cgroup/getpeername4")]
    public void Getpeername4_programs_run()
        => Counts(static spec => spec.Programs.Getpeername4, static (programs, group) => programs.Getpeername4.Attach(group), () => PeerNames(RawSocket.Internet));

    [Fact]
    [Row("sections", "cgroup/getsockname4")]
    public void Getsockname4_programs_run()
        => Counts(static spec => spec.Programs.Getsockname4, static (programs, group) => programs.Getsockname4.Attach(group), () => Names(RawSocket.Internet));

    [Fact]
    [Row("sections", "cgroup/post_bind6")]
    public void Post_bind6_programs_run()
        => Counts(static spec => spec.Programs.PostBind6, static (programs, group) => programs.PostBind6.Attach(group), () => Each(static () => new RawSocket(RawSocket.Internet6, RawSocket.Datagram).BindLoopback()));

    [Fact]
    [Row("sections", "cgroup/bind6")]
    public void Bind6_programs_run()
        => Counts(static spec => spec.Programs.Bind6, static (programs, group) => programs.Bind6.Attach(group), () => Each(static () => new RawSocket(RawSocket.Internet6, RawSocket.Datagram).BindLoopback()));

    [Fact]
    [Row("sections", "cgroup/connect6")]
    public void Connect6_programs_run()
        => Counts(static spec => spec.Programs.Connect6, static (programs, group) => programs.Connect6.Attach(group), () => Connections(RawSocket.Internet6));

    [Fact]
    [Row("sections", "cgroup/sendmsg6")]
    public void Sendmsg6_programs_run()
        => Counts(static spec => spec.Programs.Sendmsg6, static (programs, group) => programs.Sendmsg6.Attach(group), () => Datagrams(RawSocket.Internet6));

    [Fact]
    [Row("sections", "cgroup/recvmsg6")]
    public void Recvmsg6_programs_run()
        => Counts(static spec => spec.Programs.Recvmsg6, static (programs, group) => programs.Recvmsg6.Attach(group), () => Datagrams(RawSocket.Internet6));

    [Fact]
    [Row("sections", "cgroup/getpeername6")]
    public void Getpeername6_programs_run()
        => Counts(static spec => spec.Programs.Getpeername6, static (programs, group) => programs.Getpeername6.Attach(group), () => PeerNames(RawSocket.Internet6));

    [Fact]
    [Row("sections", "cgroup/getsockname6")]
    public void Getsockname6_programs_run()
        => Counts(static spec => spec.Programs.Getsockname6, static (programs, group) => programs.Getsockname6.Attach(group), () => Names(RawSocket.Internet6));

    [Fact]
    [Row("sections", "cgroup/connect_unix")]
    [Row("links", "cgroup *_unix hooks")]
    public void Connect_unix_programs_run()
        => Counts(static spec => spec.Programs.ConnectUnix, static (programs, group) => programs.ConnectUnix.Attach(group), () => Connections(RawSocket.Unix));

    [Fact]
    [Row("sections", "cgroup/sendmsg_unix")]
    [Row("links", "cgroup *_unix hooks")]
    public void Sendmsg_unix_programs_run()
        => Counts(static spec => spec.Programs.SendmsgUnix, static (programs, group) => programs.SendmsgUnix.Attach(group), () => Datagrams(RawSocket.Unix));

    [Fact]
    [Row("sections", "cgroup/recvmsg_unix")]
    [Row("links", "cgroup *_unix hooks")]
    public void Recvmsg_unix_programs_run()
        => Counts(static spec => spec.Programs.RecvmsgUnix, static (programs, group) => programs.RecvmsgUnix.Attach(group), () => Datagrams(RawSocket.Unix));

    [Fact]
    [Row("sections", "cgroup/getpeername_unix")]
    [Row("links", "cgroup *_unix hooks")]
    public void Getpeername_unix_programs_run()
        => Counts(static spec => spec.Programs.GetpeernameUnix, static (programs, group) => programs.GetpeernameUnix.Attach(group), () => PeerNames(RawSocket.Unix));

    [Fact]
    [Row("sections", "cgroup/getsockname_unix")]
    [Row("links", "cgroup *_unix hooks")]
    public void Getsockname_unix_programs_run()
        => Counts(static spec => spec.Programs.GetsocknameUnix, static (programs, group) => programs.GetsocknameUnix.Attach(group), () => Names(RawSocket.Unix));

    [Fact]
    [Row("sections", "cgroup/sysctl")]
    [Row("links", "cgroup device, sysctl, sockopt, sock, sock_addr, skb")]
    public void Sysctl_programs_run()
        => Counts(static spec => spec.Programs.Sysctl, static (programs, group) => programs.Sysctl.Attach(group), ReadSetting);

    [Fact]
    [Row("sections", "cgroup/getsockopt")]
    [Row("links", "cgroup device, sysctl, sockopt, sock, sock_addr, skb")]
    public void Getsockopt_programs_run()
        => Counts(static spec => spec.Programs.Getsockopt, static (programs, group) => programs.Getsockopt.Attach(group), () => Options(static socket => socket.GetOption(RawSocket.SocketLevel, RawSocket.SendBuffer)));

    [Fact]
    [Row("sections", "cgroup/setsockopt")]
    [Row("links", "cgroup device, sysctl, sockopt, sock, sock_addr, skb")]
    public void Setsockopt_programs_run()
        => Counts(static spec => spec.Programs.Setsockopt, static (programs, group) => programs.Setsockopt.Attach(group), () => Options(static socket => socket.SetOption(RawSocket.SocketLevel, RawSocket.SendBuffer, 8192)));

    [Fact]
    [Row("sections", "cgroup/dev")]
    [Row("links", "cgroup device, sysctl, sockopt, sock, sock_addr, skb")]
    public void Device_programs_run()
        => Counts(static spec => spec.Programs.Dev, static (programs, group) => programs.Dev.Attach(group), OpenNull);

    [Fact]
    [Row("sections", "sockops")]
    [Row("links", "sockops")]
    public void Sock_ops_programs_run()
        => Counts(static spec => spec.Programs.Sockops, static (programs, group) => programs.Sockops.Attach(group), () => Streams(RawSocket.Internet));

    [Fact]
    [Row("sections", "lsm_cgroup")]
    [Row("links", "lsm_cgroup")]
    public void LSM_cgroup_programs_run()
        => Counts(static spec => spec.Programs.BindHook, static (programs, group) => programs.BindHook.Attach(group), () => Each(static () => new RawSocket(RawSocket.Internet, RawSocket.Datagram).BindLoopback()));

    private static void Each(Func<RawSocket> call)
    {
        for (int i = 0; i < Times; i++)
        {
            call().Dispose();
        }
    }

    private static void Datagrams(int family)
    {
        using RawSocket receiver = Bound(family, RawSocket.Datagram);
        using RawSocket sender = Bound(family, RawSocket.Datagram);
        byte[] address = receiver.Name();
        for (int i = 0; i < Times; i++)
        {
            sender.Send(address);
            Assert.Equal(64, receiver.Receive());
        }
    }

    private static void Connections(int family)
    {
        using RawSocket listener = Bound(family, RawSocket.Datagram);
        byte[] address = listener.Name();
        for (int i = 0; i < Times; i++)
        {
            using var socket = new RawSocket(family, RawSocket.Datagram);
            socket.Connect(address);
        }
    }

    private static void Streams(int family)
    {
        using RawSocket listener = Bound(family, RawSocket.Stream).Listen();
        byte[] address = listener.Name();
        for (int i = 0; i < Times; i++)
        {
            using var socket = new RawSocket(family, RawSocket.Stream);
            socket.Connect(address);
            listener.Accept().Dispose();
        }
    }

    private static void Names(int family)
    {
        using RawSocket socket = Bound(family, RawSocket.Datagram);
        for (int i = 0; i < Times; i++)
        {
            socket.Name();
        }
    }

    private static void PeerNames(int family)
    {
        using RawSocket other = Bound(family, RawSocket.Datagram);
        using var socket = new RawSocket(family, RawSocket.Datagram);
        socket.Connect(other.Name());
        for (int i = 0; i < Times; i++)
        {
            socket.PeerName();
        }
    }

    private static void Options(Action<RawSocket> use)
    {
        using var socket = new RawSocket(RawSocket.Internet, RawSocket.Datagram);
        for (int i = 0; i < Times; i++)
        {
            use(socket);
        }
    }

    private static void ReadSetting()
    {
        Span<byte> text = stackalloc byte[64];
        for (int i = 0; i < Times; i++)
        {
            using var file = new BpfHandle(Kernel, Kernel.Open("/proc/sys/kernel/ostype", FileFlags.ReadOnly | FileFlags.CloseOnExec));
            using HandleUse use = file.Use();
            Assert.Equal(6, Kernel.Read(use.Descriptor, text));
        }
    }

    private static void OpenNull()
    {
        for (int i = 0; i < Times; i++)
        {
            new BpfHandle(Kernel, Kernel.Open("/dev/null", FileFlags.ReadOnly | FileFlags.CloseOnExec)).Dispose();
        }
    }

    private static RawSocket Bound(int family, int type)
    {
        var socket = new RawSocket(family, type);
        socket.Bind(family == RawSocket.Unix ? RawSocket.Abstract($"hypermesh-{Environment.ProcessId}-{socket.Descriptor}") : RawSocket.Loopback(family, 0));
        return socket;
    }

    // The stimulus makes as many calls as it counts, in the group, and then as many outside of it.
    private void Counts(Func<CgroupHooks.Spec, BpfProgramSpec> choose, Func<CgroupHooks.ProgramSet, ControlGroup, BpfProgramLink> attach, Action stimulus)
    {
        using var group = new TestGroup();
        CgroupHooks hooks = Own(HookPrograms.Load(CgroupHooks.Open(), choose));
        BpfProgramLink link = HookPrograms.Attach(() => attach(hooks.Programs, group.Group));
        group.Enter();
        stimulus();
        group.Leave();
        stimulus();
        Assert.Equal((ulong)Times, hooks.Globals.Hits);
        Assert.NotNull(link.Id);
    }
}
