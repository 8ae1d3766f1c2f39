using Hypermesh.Bpf.Features;
using Hypermesh.Bpf.Btf;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Hypermesh.Bpf.Maps;
using Hypermesh.Bpf.Objects.Instructions;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf.Tests.Kernel.Maps;

/// <summary>Maps whose elements are sockets, groups, or values kept with one.</summary>
public sealed class DescriptorMapTests : KernelTest
{
    private const int SocketLevel = 1;
    private const int ReusePort = 15;
    private const int Cookie = 57;

    [Theory]
    [InlineData(BpfMapType.SockMap)]
    [InlineData(BpfMapType.SockHash)]
    [Row("maps", "SOCKMAP")]
    [Row("maps", "SOCKHASH")]
    public void Sockets_are_stored_and_identified_by_their_cookie(BpfMapType type)
    {
        using Socket listener = Listen();
        BpfMapHandle descriptor = Create(type, 4, 8, 4);
        if (type == BpfMapType.SockMap)
        {
            var map = new BpfSockMap(descriptor);
            Assert.False(map.TryGetCookie(1, out _));
            map.Set(1, listener.SafeHandle);
            Assert.True(map.TryGetCookie(1, out ulong cookie));
            Assert.Equal(CookieOf(listener), cookie);
            Assert.True(map.Remove(1));
            Assert.False(map.Remove(1));
        }
        else
        {
            var map = new BpfSockHash<uint>(descriptor);
            Assert.False(map.TryGetCookie(7, out _));
            map.Set(7, listener.SafeHandle);
            Assert.True(map.TryGetCookie(7, out ulong cookie));
            Assert.Equal(CookieOf(listener), cookie);
            Assert.True(map.Remove(7));
            Assert.False(map.Remove(7));
        }
    }

    [Fact]
    [Row("maps", "REUSEPORT_SOCKARRAY")]
    public void A_socket_that_shares_its_port_is_stored_in_an_array()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.SetRawSocketOption(SocketLevel, ReusePort, BitConverter.GetBytes(1));
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var map = new BpfReusePortSocketArray(Create(BpfMapType.ReusePortSockArray, 4, 8, 2));
        map.Set(0, socket.SafeHandle);
        Assert.True(map.TryGetCookie(0, out ulong cookie));
        Assert.Equal(CookieOf(socket), cookie);
        using Socket other = Listen();
        Assert.Equal(Errno.EINVAL, Assert.Throws<BpfSyscallException>(() => map.Set(1, other.SafeHandle)).Errno);
        Assert.True(map.Remove(0));
        Assert.False(map.TryGetCookie(0, out _));
    }

    [Fact]
    [Row("maps", "SK_STORAGE")]
    public void A_value_is_kept_with_a_socket()
    {
        using Socket socket = Listen();
        Keep(new BpfSocketStorage<uint>(Storage(BpfMapType.SkStorage)), socket.SafeHandle);
    }

    [Fact]
    [Row("maps", "INODE_STORAGE")]
    public void A_value_is_kept_with_a_file()
    {
        string path = Path.GetTempFileName();
        try
        {
            using FileStream file = File.OpenRead(path);
            Keep(new BpfInodeStorage<uint>(Storage(BpfMapType.InodeStorage)), file.SafeFileHandle);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    [Row("maps", "CGRP_STORAGE")]
    public void A_value_is_kept_with_a_control_group()
    {
        BpfMapHandle map = Storage(BpfMapType.CGroupLocalStorage);
        Sandbox.WithControlGroups(root =>
        {
            using BpfHandle directory = DescriptorKeys.Open(new BpfUntypedMap(map), root);
            Keep(new BpfCGroupLocalStorage<uint>(map), directory);
        });
    }

    [Fact]
    [Row("maps", "TASK_STORAGE")]
    public void A_value_is_kept_with_a_task()
    {
        Needs(BpfFeature.TaskStorage);
        var map = new BpfTaskStorage<uint>(Storage(BpfMapType.TaskStorage));
        Assert.True(map.TrySet(Environment.ProcessId, 77));
        Assert.True(map.TryGetValue(Environment.ProcessId, out uint value));
        Assert.Equal(77u, value);
        Assert.True(map.Remove(Environment.ProcessId));
    }

    [Fact]
    [Row("maps", "CGROUP_ARRAY")]
    public void A_control_group_is_stored() => Sandbox.WithControlGroups(root =>
    {
        var map = new BpfCGroupArray(Create(BpfMapType.CGroupArray, 4, 4, 2));
        map.Set(1, root);
        Assert.True(map.Remove(1));
        Assert.False(map.Remove(1));
        Assert.Equal(Errno.EBADF, Assert.Throws<BpfSyscallException>(() => map.Set(0, "/tmp")).Errno);
        Assert.Equal(Errno.ENOENT, Assert.Throws<BpfSyscallException>(() => map.Set(0, "/no/such/group")).Errno);
    });

    [Theory]
    [InlineData(BpfMapType.CGroupStorageDeprecated)]
    [InlineData(BpfMapType.PerCpuCGroupStorageDeprecated)]
    [Row("maps", "CGROUP_STORAGE (deprecated)")]
    [Row("maps", "PERCPU_CGROUP_STORAGE (deprecated)")]
    public unsafe void A_program_on_a_control_group_has_a_value_for_it(BpfMapType type) => Sandbox.WithControlGroups(root =>
    {
        const int LocalStorage = 81;
        BpfMapHandle descriptor = Create(type, 8, 8, 0);
        BpfProgramDescriptor program = Load.Descriptor(
            "storage", BpfProgramType.CGroupSkb,
            [.. Code.LoadMap(1, descriptor), Code.Move(2, 0), Code.Call(LocalStorage), Code.Move(0, 1), Code.Exit()], BpfAttachType.CGroupInetIngress);
        using BpfHandle handle = program.Handle!;
        using BpfHandle group = DescriptorKeys.Open(new BpfUntypedMap(descriptor), root);
        LinkCreateAttr attributes = default;
        attributes.ProgFd = (uint)handle.DangerousGetHandle();
        attributes.TargetFd = (uint)group.DangerousGetHandle();
        attributes.AttachType = (uint)BpfAttachType.CGroupInetIngress;
        long result = Kernel.Bpf(BpfCommand.LinkCreate, &attributes, (uint)sizeof(LinkCreateAttr));
        Assert.True(result >= 0, $"{result}");
        using var link = new BpfHandle(Kernel, result);
        if (type == BpfMapType.CGroupStorageDeprecated)
        {
            var map = new BpfCGroupStorage<ulong, ulong>(descriptor);
            ulong key = Assert.Single(map.Keys);
            Assert.True(map.TryUpdate(key, 5));
            Assert.True(map.TryGetValue(key, out ulong value));
            Assert.Equal(5ul, value);
            Assert.False(map.TryUpdate(key + 12345, 5));
        }
        else
        {
            var map = new BpfPerCpuCGroupStorage<ulong, ulong>(descriptor);
            ulong key = Assert.Single(map.Keys);
            PerCpu<ulong> values = PerCpu<ulong>.Allocate();
            values.Fill(5);
            Assert.True(map.TryUpdate(key, values));
            values.Fill(0);
            Assert.True(map.TryGetValue(key, values));
            Assert.Equal(5ul * (ulong)PossibleCpus.Current.Count, values.Sum());
        }
    });

    [Fact]
    [Row("maps", "TASK_STORAGE")]
    public void Task_storage_is_reached_by_process()
    {
        Needs(BpfFeature.TaskStorage);
        using var btf = new BpfHandle(Kernel, BtfCalls.TryLoad(Kernel, ProbeTypes.OneInteger()));
        var definition = new BpfMapDefinition("t_task", BpfMapType.TaskStorage, 4, 4, 0, BpfMapFlags.NoPreallocation) { Btf = btf, KeyTypeId = 1, ValueTypeId = 1 };
        var map = new BpfTaskStorage<uint>(Own(MapCreator.Create(Kernel, definition)));
        Assert.False(map.TryGetValue(Environment.ProcessId, out _));
        Assert.True(map.TrySet(Environment.ProcessId, 77));
        Assert.True(map.TryGetValue(Environment.ProcessId, out uint value));
        Assert.Equal(77u, value);
        Assert.True(map.Remove(Environment.ProcessId));
        Assert.False(map.Remove(Environment.ProcessId));
        Assert.False(map.TryGetValue(int.MaxValue, out _));
    }

    private static void Keep(BpfDescriptorStorage<uint> map, SafeHandle owner)
    {
        Assert.False(map.TryGetValue(owner, out _));
        map.Set(owner, 42);
        Assert.True(map.TryGetValue(owner, out uint value));
        Assert.Equal(42u, value);
        Assert.True(map.Remove(owner));
        Assert.False(map.Remove(owner));
    }

    private static Socket Listen()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        socket.Listen();
        return socket;
    }

    private static ulong CookieOf(Socket socket)
    {
        byte[] value = new byte[8];
        socket.GetRawSocketOption(SocketLevel, Cookie, value);
        return BitConverter.ToUInt64(value);
    }

    // Without the flag that the kernel wants: it is added.
    private BpfMapHandle Storage(BpfMapType type)
    {
        using BpfHandle btf = MapKinds.OneInteger();
        return Create(Absence.OfMapType(type), new BpfMapDefinition($"t_{type}", type, 4, 4, 0) { Btf = btf, KeyTypeId = 1, ValueTypeId = 1 });
    }
}
