using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Hypermesh.Bpf.Maps;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Instructions;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf.Tests.Kernel.Hooks.Redirect;

/// <summary>Maps that send packets on: to devices, CPUs and sockets, with programs of their own.</summary>
public sealed class RedirectTests : KernelTest
{
    private const int Packets = 20;
    private const uint QueueSize = 192;

    [Fact]
    [Row("sections", "xdp/devmap")]
    public void Device_map_programs_run() => CountsEntries(
        "b0", static spec => spec.Programs.XdpToDevice, static spec => spec.Programs.Devmap,
        static programs => programs.XdpToDevice, static programs => programs.Devmap, static hooks => hooks.Maps.Devices);

    [Fact]
    [Row("sections", "xdp.frags/devmap")]
    public void Device_map_of_frags_programs_run() => CountsEntries(
        "b0", static spec => spec.Programs.XdpFragsToDevice, static spec => spec.Programs.DevmapFrags,
        static programs => programs.XdpFragsToDevice, static programs => programs.DevmapFrags, static hooks => hooks.Maps.Devices);

    [Fact]
    [Row("sections", "xdp/cpumap")]
    public void CPU_map_programs_run() => CountsEntries(
        null, static spec => spec.Programs.XdpToCpu, static spec => spec.Programs.Cpumap,
        static programs => programs.XdpToCpu, static programs => programs.Cpumap, static hooks => hooks.Maps.Cpus);

    [Fact]
    [Row("sections", "xdp.frags/cpumap")]
    public void CPU_map_of_frags_programs_run() => CountsEntries(
        null, static spec => spec.Programs.XdpFragsToCpu, static spec => spec.Programs.CpumapFrags,
        static programs => programs.XdpFragsToCpu, static programs => programs.CpumapFrags, static hooks => hooks.Maps.Cpus);

    [Fact]
    [Row("maps", "DEVMAP")]
    [Row("maps", "DEVMAP_HASH")]
    [Row("maps", "CPUMAP")]
    public void Devices_and_CPUs_are_stored_with_their_programs() => Sandbox.WithNetwork(() =>
    {
        NetworkDevice loopback = NetworkDevice.FromName("lo");
        BpfInstruction[] pass = [Code.Move(0, 2), Code.Exit()];
        var onDevice = new BpfXdpProgram(Load.Descriptor("on_device", BpfProgramType.Xdp, pass, BpfAttachType.XdpDevMap));
        var onCpu = new BpfXdpProgram(Load.Descriptor("on_cpu", BpfProgramType.Xdp, pass, BpfAttachType.XdpCpuMap));
        using var first = new Unload(onDevice);
        using var second = new Unload(onCpu);

        var devices = new BpfDevMap(Create(BpfMapType.DevMap, 4, 8, 2));
        Assert.False(devices.TryGet(1, out _));
        devices.Set(1, loopback, onDevice);
        Assert.True(devices.TryGet(1, out BpfRedirectEntry entry));
        Assert.Equal(new BpfRedirectEntry((uint)loopback.Index, onDevice.Id), entry);
        devices.Remove(1);
        Assert.False(devices.TryGet(1, out _));
        var plain = new BpfDevMap(Create(BpfMapType.DevMap, 4, 4, 2));
        plain.Set(0, loopback);
        Assert.Throws<BpfException>(() => plain.Set(0, loopback, onDevice));

        var hash = new BpfDevHashMap(Create(BpfMapType.DevMapHash, 4, 8, 2));
        hash.Set(4711, loopback);
        Assert.True(hash.TryGet(4711, out entry));
        Assert.Equal(new BpfRedirectEntry((uint)loopback.Index, 0), entry);
        Assert.True(hash.Remove(4711));
        Assert.False(hash.Remove(4711));

        var cpus = new BpfCpuMap(Create(BpfMapType.CpuMap, 4, 8, (uint)PossibleCpus.Current.Count));
        cpus.Set(0, 128, onCpu);
        Assert.True(cpus.TryGet(0, out entry));
        Assert.Equal(new BpfRedirectEntry(128, onCpu.Id), entry);
        cpus.Remove(0);
        Assert.False(cpus.TryGet(0, out _));
    });

    [Fact]
    [Row("maps", "XSKMAP")]
    public void An_AF_XDP_socket_is_stored()
    {
        const int ExpressFamily = 44;
        const int RawSocket = 3;
        const int ExpressLevel = 283;
        const int ReceiveRing = 2;
        int socket = NewSocket(ExpressFamily, RawSocket, 0);
        Assert.SkipWhen(socket < 0 && Marshal.GetLastPInvokeError() == Errno.EAFNOSUPPORT, "this kernel has no AF_XDP sockets");
        Assert.True(socket >= 0, $"a socket of AF_XDP: {Errno.Name(Marshal.GetLastPInvokeError())}");
        using var handle = new BpfHandle(Kernel, socket);
        Assert.Equal(0, Kernel.SetSocketOption(socket, ExpressLevel, ReceiveRing, 64));
        var map = new BpfXskMap(Create(BpfMapType.XskMap, 4, 4, 2));
        map.Set(1, handle);
        Assert.True(map.Remove(1));
        using Socket other = Listen();
        Assert.Equal(Errno.EOPNOTSUPP, Assert.Throws<BpfSyscallException>(() => map.Set(0, other.SafeHandle)).Errno);
    }

    // Frames go in at a0, out of a1, and from there through the map; b1 takes what the map sends out of b0.
    private void CountsEntries(
        string? device, Func<NetworkHooks.Spec, BpfProgramSpec> sends, Func<NetworkHooks.Spec, BpfProgramSpec> entry, Func<NetworkHooks.ProgramSet, BpfXdpProgram> sender,
        Func<NetworkHooks.ProgramSet, BpfXdpMapProgram> inEntry, Func<NetworkHooks, BpfMap> map) => Sandbox.WithNetwork(() =>
    {
        Sandbox.Shell(
            "for pair in a b; do ip link add ${pair}0 type veth peer name ${pair}1 && ip link set ${pair}0 up && ip link set ${pair}1 up || exit 1; done");
        NetworkHooks hooks = Own(HookPrograms.Load(NetworkHooks.Open(), sends, entry, static spec => spec.Programs.XdpPass));
        Put(map(hooks), device is null ? QueueSize : (uint)NetworkDevice.FromName(device).Index, inEntry(hooks.Programs));

        // A device takes what is sent to it whole when its other end has a program.
        hooks.Programs.XdpPass.Attach(NetworkDevice.FromName("b1"), XdpMode.Native);
        sender(hooks.Programs).Attach(NetworkDevice.FromName("a1"), XdpMode.Native);
        RawSocket.SendFrames(NetworkDevice.FromName("a0"), Packets);
        Stimuli.Reaches(() => hooks.Globals.Hits, Packets);
        Assert.Equal(map(hooks).Type, inEntry(hooks.Programs).MapType);
    });

    private static unsafe void Put(BpfMap map, uint where, BpfXdpMapProgram program)
    {
        uint key = 0;
        uint* value = stackalloc uint[2] { where, (uint)program.Handle.DangerousGetHandle() };
        Assert.Equal(0, MapCalls.Update(map.MapHandle, &key, value, UpdateMode.Any));
    }

    private static Socket Listen()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen();
        return socket;
    }

    [DllImport("libc", EntryPoint = "socket", SetLastError = true)]
    private static extern int NewSocket(int family, int type, int protocol);
}
