namespace Hypermesh.Bpf.Tests.Kernel.Programs;

/// <summary>What a link lives through: another program, a pin, another holder, an end by force.</summary>
public sealed class LinkLifeTests : KernelTest
{
    private const string Pin = "/sys/fs/bpf/hypermesh_link";
    private const int Packets = 20;

    private readonly TestGroup _group;
    private readonly CgroupHooks _hooks;

    public LinkLifeTests()
    {
        _group = Own(new TestGroup());
        _hooks = Own(HookPrograms.Load(CgroupHooks.Open(), static spec => spec.Programs.Egress, static spec => spec.Programs.Third));
    }

    [Fact]
    [Row("links", "link update, detach, pin, open pinned, info")]
    public void Another_program_takes_over_without_a_gap_and_owns_the_link()
    {
        CgroupHooks next = Own(HookPrograms.Load(CgroupHooks.Open(), static spec => spec.Programs.Third));
        BpfProgramLink link = _hooks.Programs.Egress.Attach(_group.Group);
        uint id = link.Id!.Value;
        _group.Send(Packets);

        link.Update(next.Programs.Third);

        Assert.Same(next.Programs.Third, link.Program);
        Assert.Empty(_hooks.Live.Links);
        Assert.Same(link, Assert.Single(next.Live.Links));
        Assert.Equal((id, next.Programs.Third.Id), (link.GetInfo().Id, link.GetInfo().ProgramId));
        _hooks.Dispose();
        _group.Send(Packets);
        Assert.Equal((ulong)Packets, next.Globals.Others);
        next.Dispose();
        Assert.False(link.IsAttached);
        Assert.Throws<ObjectDisposedException>(() => link.Update(next.Programs.Third));
    }

    [Fact]
    [Row("links", "link update, detach, pin, open pinned, info")]
    [Row("lifecycle", "open pinned obj / link, path fd")]
    [Row("lifecycle", "pin/unpin maps, progs, links, whole object")]
    public void A_pinned_link_outlives_its_object_and_is_opened_again() => Sandbox.WithPins(() =>
    {
        BpfProgramLink link = _hooks.Programs.Egress.Attach(_group.Group);
        uint id = link.Id!.Value;
        link.Pin(Pin);
        BpfSyscallException taken = Assert.Throws<BpfSyscallException>(() => link.Pin(Pin));
        Assert.Equal(Errno.EEXIST, taken.Errno);
        Assert.Contains($"Link {id} (CGroup, ", taken.Message, StringComparison.Ordinal);
        Assert.Contains($"of program {_hooks.Programs.Egress.Id} is pinned there", taken.Message, StringComparison.Ordinal);
        Assert.Contains($"BpfLinkHandle.OpenPinned(\"{Pin}\") and call Update", taken.Message, StringComparison.Ordinal);
        Assert.Contains("BPF file system", Assert.ThrowsAny<BpfSyscallException>(() => link.Pin("/tmp/hypermesh_link")).Message, StringComparison.Ordinal);
        link.Dispose();
        Assert.Single(_group.Group.Query(BpfAttachType.CGroupInetEgress).Programs);

        using (BpfLinkHandle opened = BpfLinkHandle.OpenPinned(Pin))
        {
            Assert.Equal(id, opened.Id);
            Assert.Equal(_hooks.Programs.Egress.Id, opened.GetInfo().ProgramId);
            BpfSyscallException other = Assert.ThrowsAny<BpfSyscallException>(() => opened.Update(_hooks.Programs.Third, expected: _hooks.Programs.Third));
            Assert.Contains("expected", other.Message, StringComparison.Ordinal);
            opened.Update(_hooks.Programs.Third, expected: _hooks.Programs.Egress);
            Assert.Equal(_hooks.Programs.Third.Id, opened.GetInfo().ProgramId);
            opened.Unpin(Pin);
            Assert.Single(_group.Group.Query(BpfAttachType.CGroupInetEgress).Programs);
        }

        // The kernel lets go of a link behind its closing, old ones a little later.
        Assert.True(SpinWait.SpinUntil(() => _group.Group.Query(BpfAttachType.CGroupInetEgress).Programs.Count == 0, TimeSpan.FromSeconds(30)));
        Assert.Equal(Errno.ENOENT, Assert.Throws<BpfSyscallException>(() => BpfLinkHandle.OpenPinned(Pin)).Errno);
    });

    [Fact]
    [Row("links", "link update, detach, pin, open pinned, info")]
    public void A_link_that_others_hold_is_detached_by_force()
    {
        BpfProgramLink link = _hooks.Programs.Egress.Attach(_group.Group);
        using BpfLinkHandle other = BpfLinkHandle.OpenId(link.Id!.Value);
        link.Dispose();
        Assert.Single(_group.Group.Query(BpfAttachType.CGroupInetEgress).Programs);
        other.ForceDetach();
        Assert.Empty(_group.Group.Query(BpfAttachType.CGroupInetEgress).Programs);
        Assert.Equal(0ul, Assert.IsType<BpfCGroupLinkInfo>(other.GetInfo()).CGroupId);

        BpfProgramLink second = _hooks.Programs.Egress.Attach(_group.Group);
        using BpfLinkHandle held = BpfLinkHandle.OpenId(second.Id!.Value);
        second.ForceDetach();
        Assert.False(second.IsAttached);
        Assert.Empty(_group.Group.Query(BpfAttachType.CGroupInetEgress).Programs);
    }

    [Fact]
    [Row("links", "link update, detach, pin, open pinned, info")]
    [Row("lifecycle", "open pinned obj / link, path fd")]
    [Row("lifecycle", "pin/unpin maps, progs, links, whole object")]
    public void A_pinned_program_is_opened_with_its_type_and_attached() => Sandbox.WithPins(() =>
    {
        _hooks.Programs.Egress.Pin(Pin);
        uint id = _hooks.Programs.Egress.Id;
        using (BpfPinnedProgram<BpfCGroupProgram> opened = BpfPinnedProgram<BpfCGroupProgram>.Open(Pin, "cgroup_skb/egress"))
        {
            Assert.Equal(id, opened.Program.Id);
            opened.Program.Attach(_group.Group);
            _group.Send(Packets);
            Assert.Equal((ulong)Packets, _hooks.Globals.Hits);
            opened.Unpin();
        }

        Assert.Empty(_group.Group.Query(BpfAttachType.CGroupInetEgress).Programs);
        Assert.Throws<BpfSyscallException>(() => BpfPinnedProgram<BpfCGroupProgram>.Open(Pin, "cgroup_skb/egress"));
        _hooks.Programs.Egress.Pin(Pin);
        Assert.Contains(
            $"Program {_hooks.Programs.Egress.Name} (ID {id}) is pinned there: to use it, open it with BpfOpenedProgram.OpenPinned(\"{Pin}\")",
            Assert.Throws<BpfSyscallException>(() => _hooks.Programs.Third.Pin(Pin)).Message, StringComparison.Ordinal);
        Assert.Contains("Xdp", Assert.Throws<BpfException>(() => BpfPinnedProgram<BpfXdpProgram>.Open(Pin, "xdp")).Message, StringComparison.Ordinal);
        Assert.Contains("BpfCGroupPacketProgram", Assert.Throws<BpfException>(() => BpfPinnedProgram<BpfCGroupProgram>.Open(Pin, "cgroup/skb")).Message, StringComparison.Ordinal);
        _hooks.Programs.Egress.Unpin(Pin);
    });

    [Fact]
    public void A_program_of_another_type_cannot_replace_the_one_of_a_link()
    {
        CgroupHooks others = Own(HookPrograms.Load(CgroupHooks.Open(), static spec => spec.Programs.SockCreate));
        BpfProgramLink link = _hooks.Programs.Egress.Attach(_group.Group);
        BpfSyscallException refusal = Assert.Throws<BpfSyscallException>(() => link.Update(others.Programs.SockCreate));
        Assert.Equal(Errno.EINVAL, refusal.Errno);
        Assert.Contains("The link has a program of type CGroupSkb", refusal.Message, StringComparison.Ordinal);
        Assert.Same(_hooks.Programs.Egress, link.Program);
    }

    [Fact]
    public void A_link_whose_target_is_gone_is_reported()
    {
        BpfProgramLink link;
        using (var group = new TestGroup())
        {
            link = _hooks.Programs.Egress.Attach(group.Group);
        }

        // The kernel takes its programs off a group some time after the group is removed.
        BpfSyscallException? refusal = null;
        Assert.True(SpinWait.SpinUntil(() => (refusal = Record.Exception(() => link.Update(_hooks.Programs.Egress)) as BpfSyscallException) is not null, TimeSpan.FromSeconds(20)));

        Assert.NotNull(refusal);
        Assert.Equal(Errno.ENOLINK, refusal.Errno);
        Assert.Contains("The control group that the link was attached to no longer exists", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("attach the program again", refusal.Message, StringComparison.Ordinal);
    }
}
