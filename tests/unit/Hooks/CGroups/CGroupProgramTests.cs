using Hypermesh.Bpf.Abi;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Maps;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf.Tests.Unit.Hooks.CGroups;

/// <summary>Ways of attaching that older kernels have instead of links, and what is left when they fail.</summary>
public sealed unsafe class AttachTests
{
    private readonly ScriptedKernel _kernel = new();

    public AttachTests()
    {
        foreach (string path in new[] { "/group", "/ns", "/dev/lirc0" })
        {
            _kernel.Files[path] = [];
        }
    }

    [Fact]
    public void Before_5_7_a_cgroup_is_attached_to_without_a_link_beside_others()
    {
        uint flags = 99;
        uint detached = 0;
        _kernel.OnBpf = (command, attributes) =>
        {
            flags = command == BpfCommand.ProgramAttach ? ((ProgramAttachAttr*)attributes)->AttachFlags : flags;
            detached = command == BpfCommand.ProgramDetach ? ((ProgramAttachAttr*)attributes)->AttachBpfFd : detached;
            return command == BpfCommand.LinkCreate ? -Errno.EINVAL : null;
        };
        var program = new BpfCGroupProgram(Descriptor(BpfProgramType.CGroupSockAddr, BpfAttachType.CGroupInet4Connect));
        using (ControlGroup group = ControlGroup.Open(_kernel, "/group"))
        {
            Assert.Null(program.Attach(group).Id);
        }

        Assert.Equal(2u, flags);
        program.Unload();
        Assert.Equal(100u, detached);
        Assert.Empty(_kernel.OpenDescriptors);
    }

    [Fact]
    public void Who_uses_what_was_closed_is_told_what_it_was()
    {
        using ControlGroup group = ControlGroup.Open(_kernel, "/group");
        group.Dispose();

        Assert.Contains("control group /group", Assert.Throws<ObjectDisposedException>(() => group.Query(BpfAttachType.CGroupInetEgress)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-Errno.EPERM, typeof(BpfPermissionException))]
    [InlineData(-Errno.EBADF, typeof(BpfSyscallException))]
    [InlineData(-Errno.ENOMEM, typeof(BpfSyscallException))]
    public void A_refused_attach_leaves_nothing(long result, Type expected)
    {
        var program = new BpfCGroupProgram(Descriptor(BpfProgramType.CGroupSkb, BpfAttachType.CGroupInetEgress));
        using (ControlGroup group = ControlGroup.Open(_kernel, "/group"))
        {
            _kernel.Answer(BpfCommand.LinkCreate, result);
            Assert.Throws(expected, () => program.Attach(group));
            _kernel.Answer(BpfCommand.ProgramAttach, result);
            Assert.Throws(expected, () => program.Attach(group, new CGroupAttachOptions { Mode = CGroupAttachMode.Exclusive }));
            Assert.Empty(program.Links);
        }

        program.Unload();
        Assert.Empty(_kernel.OpenDescriptors);
    }

    [Fact]
    public void What_forbids_others_is_named()
    {
        _kernel.OnBpf = (command, attributes) =>
        {
            if (command == BpfCommand.ProgramQuery)
            {
                var query = (ProgramQueryAttr*)attributes;
                *(uint*)query->ProgIds = 4711;
                query->Count = 1;
            }

            return command == BpfCommand.LinkCreate ? -Errno.EPERM : null;
        };
        var program = new BpfCGroupProgram(Descriptor(BpfProgramType.CGroupSkb, BpfAttachType.CGroupInetEgress));
        using ControlGroup group = ControlGroup.Open(_kernel, "/group");
        Assert.Contains("program 4711", Assert.Throws<BpfPermissionException>(() => program.Attach(group)).Message, StringComparison.Ordinal);
        program.Unload();
    }

    [Fact]
    public void Old_kernels_are_asked_for_less_and_long_lists_again()
    {
        var asked = new List<(bool Links, bool Flags, uint Count)>();
        _kernel.OnBpf = (command, attributes) =>
        {
            if (command != BpfCommand.ProgramQuery)
            {
                return null;
            }

            var query = (ProgramQueryAttr*)attributes;
            asked.Add((query->LinkIds != 0, query->ProgAttachFlags != 0, query->Count));
            if (query->LinkIds != 0 || query->ProgAttachFlags != 0)
            {
                return -Errno.EINVAL;
            }

            long result = query->Count < 70 ? -Errno.ENOSPC : 0;
            query->Count = 70;
            return result;
        };
        using ControlGroup group = ControlGroup.Open(_kernel, "/group");
        Assert.Equal(70, group.Query(BpfAttachType.CGroupInetEgress).Programs.Count);
        Assert.Equal([(true, true, 64u), (false, true, 64u), (false, false, 64u), (false, false, 70u)], asked);
    }

    [Fact]
    public void A_flow_dissector_falls_back_and_a_socket_look_up_does_not()
    {
        var dissector = new BpfNetworkNamespaceProgram(Descriptor(BpfProgramType.FlowDissector, BpfAttachType.FlowDissector));
        var lookup = new BpfNetworkNamespaceProgram(Descriptor(BpfProgramType.SkLookup, BpfAttachType.SkLookup));
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
        var program = new BpfSockMapProgram(Descriptor(BpfProgramType.SkMsg, BpfAttachType.SkMsgVerdict));
        BpfMapHandle map = MapCreator.Create(_kernel, new BpfMapDefinition("sockets", BpfMapType.SockMap, 4, 8, 1, 0));
        Assert.Null(program.Attach(map).Id);
        map.Dispose();
        program.Unload();
        Assert.Contains("BPF_PROG_DETACH", _kernel.Calls);
        Assert.Empty(_kernel.OpenDescriptors);
    }

    [Fact]
    public void A_receiver_is_attached_to_without_a_link()
    {
        var program = new BpfLircProgram(Descriptor(BpfProgramType.LircMode2, BpfAttachType.LircMode2));
        using (LircDevice device = LircDevice.Open(_kernel, "/dev/lirc0"))
        {
            Assert.True(program.Attach(device).IsAttached);
        }

        program.Unload();
        Assert.Contains("BPF_PROG_DETACH", _kernel.Calls);
        Assert.Empty(_kernel.OpenDescriptors);
    }

    [Fact]
    public void A_place_among_others_is_told_to_the_kernel_as_it_was_asked_for()
    {
        LinkCreateAttr asked = default;
        _kernel.OnBpf = (command, attributes) =>
        {
            asked = command == BpfCommand.LinkCreate ? *(LinkCreateAttr*)attributes : asked;
            return null;
        };
        var program = new BpfTcxProgram(Descriptor(BpfProgramType.SchedCls, BpfAttachType.TcxIngress));
        NetworkDevice device = NetworkDevice.FromName(_kernel, "eth7");
        BpfProgramLink link = program.Attach(device, BpfAnchor.AfterLink(9) with { ExpectedRevision = 3 });
        Assert.Equal((0x2030u, 9u, 3ul, 7u), (asked.Flags, asked.TcxRelativeId, asked.TcxExpectedRevision, asked.TargetIfindex));
        var second = new BpfTcxProgram(Descriptor(BpfProgramType.SchedCls, BpfAttachType.TcxIngress));
        second.Attach(device, BpfAnchor.Before(link));
        Assert.Equal((0x2008u, (uint)link.Attached.LinkHandle!.DangerousGetHandle()), (asked.Flags, asked.TcxRelativeFd));
        second.Unload();
        program.Unload();
        Assert.Empty(_kernel.OpenDescriptors);
    }

    [Fact]
    public void A_link_is_updated_from_the_program_it_has_and_stays_that_ones_when_refused()
    {
        LinkUpdateAttr asked = default;
        _kernel.OnBpf = (command, attributes) =>
        {
            asked = command == BpfCommand.LinkUpdate ? *(LinkUpdateAttr*)attributes : asked;
            return null;
        };
        var program = new BpfXdpProgram(Descriptor(BpfProgramType.Xdp, BpfAttachType.Xdp));
        var next = new BpfXdpProgram(Descriptor(BpfProgramType.Xdp, BpfAttachType.Xdp));
        BpfProgramLink link = program.Attach(NetworkDevice.FromName(_kernel, "eth7"));
        _kernel.Answer(BpfCommand.LinkUpdate, -Errno.EPERM);
        Assert.Throws<BpfPermissionException>(() => link.Update(next));
        Assert.Same(program, link.Program);
        link.Update(next);
        Assert.Equal((4u, 100u, 101u), (asked.Flags, asked.OldProgFd, asked.NewProgFd));
        program.Unload();
        Assert.True(link.IsAttached);
        next.Unload();
        Assert.False(link.IsAttached);
        Assert.Empty(_kernel.OpenDescriptors);
    }

    private BpfProgramDescriptor Descriptor(BpfProgramType type, BpfAttachType attach)
        => new(_kernel, "p", type) { Handle = _kernel.NewHandle(), SectionName = "s", AttachType = attach };
}
