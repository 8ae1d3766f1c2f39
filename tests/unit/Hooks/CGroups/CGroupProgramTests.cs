using Hypermesh.Bpf.Abi;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Maps;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf.Tests.Unit.Hooks.CGroups;

/// <summary>Programs at a control group: older kernels attach without a link, and a refused attach leaves nothing.</summary>
public sealed unsafe class CGroupProgramTests
{
    private readonly ScriptedKernel _kernel = new() { Files = { ["/group"] = [] } };

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
        var program = new BpfCGroupProgram(_kernel.NewProgram(BpfProgramType.CGroupSockAddr, BpfAttachType.CGroupInet4Connect));
        using (ControlGroup group = ControlGroup.Open(_kernel, "/group"))
        {
            Assert.Null(program.Attach(group).Id);
        }

        Assert.Equal(2u, flags);
        program.Unload();
        Assert.Equal(100u, detached);
        Assert.Empty(_kernel.OpenDescriptors);
    }

    [Theory]
    [InlineData(-Errno.EPERM, typeof(BpfPermissionException))]
    [InlineData(-Errno.EBADF, typeof(BpfSyscallException))]
    [InlineData(-Errno.ENOMEM, typeof(BpfSyscallException))]
    public void A_refused_attach_leaves_nothing_open(long result, Type expected)
    {
        var program = new BpfCGroupProgram(_kernel.NewProgram(BpfProgramType.CGroupSkb, BpfAttachType.CGroupInetEgress));
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

    [Theory]
    [InlineData(CGroupAttachMode.Link, BpfCommand.LinkCreate)]
    [InlineData(CGroupAttachMode.Multi, BpfCommand.ProgramAttach)]
    public void A_group_that_was_removed_is_said_to_be_gone(CGroupAttachMode mode, BpfCommand command)
    {
        var program = new BpfCGroupProgram(_kernel.NewProgram(BpfProgramType.CGroupSkb, BpfAttachType.CGroupInetEgress));
        using ControlGroup group = ControlGroup.Open(_kernel, "/group");
        _kernel.Answer(command, -Errno.ENOENT);

        BpfSyscallException gone = Assert.Throws<BpfSyscallException>(() => program.Attach(group, new CGroupAttachOptions { Mode = mode }));

        Assert.Contains("Control group /group was removed, while it was open here.", gone.Message, StringComparison.Ordinal);
        Assert.Contains("open it again with ControlGroup.Open", gone.Message, StringComparison.Ordinal);
        program.Unload();
    }

    [Fact]
    public void A_list_of_a_group_that_was_removed_says_so()
    {
        using ControlGroup group = ControlGroup.Open(_kernel, "/group");
        _kernel.Answer(BpfCommand.ProgramQuery, -Errno.ENOENT);

        Assert.Contains("no longer exists", Assert.Throws<BpfSyscallException>(() => group.Query(BpfAttachType.CGroupInetEgress)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_program_that_forbids_others_is_named()
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
        var program = new BpfCGroupProgram(_kernel.NewProgram(BpfProgramType.CGroupSkb, BpfAttachType.CGroupInetEgress));
        using ControlGroup group = ControlGroup.Open(_kernel, "/group");
        Assert.Contains("program 4711", Assert.Throws<BpfPermissionException>(() => program.Attach(group)).Message, StringComparison.Ordinal);
        program.Unload();
    }
}
