using System.Net.Sockets;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Maps;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf.Tests.Unit.Hooks.Sockets;

/// <summary>Programs at sockets, network namespaces and maps of sockets.</summary>
public sealed class SocketProgramTests
{
    private readonly ScriptedKernel _kernel = new() { Files = { ["/ns"] = [] } };

    [Fact]
    public void A_closed_socket_is_not_mistaken_for_the_next_of_its_number()
    {
        var program = new BpfSocketFilterProgram(_kernel.NewProgram(BpfProgramType.SocketFilter));
        BpfProgramLink old;
        nint number;
        using (var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp))
        {
            number = socket.Handle;
            old = program.Attach(socket);
            Assert.Throws<BpfException>(() => program.Attach(socket));
        }

        // Other tests open files meanwhile; the number comes back sooner or later.
        var others = new List<Socket>();
        Socket next = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        while (next.Handle != number && others.Count < 100)
        {
            others.Add(next);
            next = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        }

        Assert.True(program.Attach(next).IsAttached);
        Assert.False(old.IsAttached);
        program.Unload();
        next.Dispose();
        others.ForEach(static socket => socket.Dispose());
    }

    [Fact]
    public void A_flow_dissector_falls_back_and_a_socket_look_up_does_not()
    {
        var dissector = new BpfNetworkNamespaceProgram(_kernel.NewProgram(BpfProgramType.FlowDissector, BpfAttachType.FlowDissector));
        var lookup = new BpfNetworkNamespaceProgram(_kernel.NewProgram(BpfProgramType.SkLookup, BpfAttachType.SkLookup));
        using (NetworkNamespace target = NetworkNamespace.Open(_kernel, "/ns"))
        {
            _kernel.Answer(BpfCommand.LinkCreate, -Errno.EINVAL, -Errno.EINVAL);
            Assert.Null(dissector.Attach(target).Id);
            Assert.Throws<BpfSyscallException>(() => lookup.Attach(target));
        }

        dissector.Unload();
        lookup.Unload();
        Assert.Equal(1, _kernel.Calls.Count(static call => call == "BPF_PROG_ATTACH"));
        Assert.Equal(1, _kernel.Calls.Count(static call => call == "BPF_PROG_DETACH"));
        Assert.Empty(_kernel.OpenDescriptors);
    }

    [Fact]
    public void Before_6_10_a_socket_map_is_attached_to_without_a_link()
    {
        _kernel.Answer(BpfCommand.LinkCreate, -Errno.EINVAL);
        var program = new BpfSockMapProgram(_kernel.NewProgram(BpfProgramType.SkMsg, BpfAttachType.SkMsgVerdict));
        BpfMapHandle map = MapCreator.Create(_kernel, new BpfMapDefinition("sockets", BpfMapType.SockMap, 4, 8, 1, 0));
        Assert.Null(program.Attach(map).Id);
        map.Dispose();
        program.Unload();
        Assert.Contains("BPF_PROG_DETACH", _kernel.Calls);
        Assert.Empty(_kernel.OpenDescriptors);
    }
}
