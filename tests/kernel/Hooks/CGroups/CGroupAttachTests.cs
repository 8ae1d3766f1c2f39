namespace Hypermesh.Bpf.Tests.Kernel.Hooks.CGroups;

/// <summary>The ways into a control group besides the plain link: without one, in an order, in another's place.</summary>
public sealed class CGroupAttachTests : KernelTest
{
    private const int Packets = 20;

    private readonly TestGroup _group;
    private readonly CgroupHooks _hooks;

    public CGroupAttachTests()
    {
        _group = Own(new TestGroup());
        _hooks = Own(HookPrograms.Load(
            CgroupHooks.Open(), static spec => spec.Programs.Egress, static spec => spec.Programs.Second, static spec => spec.Programs.Third));
    }

    [Theory]
    [InlineData(CGroupAttachMode.Exclusive, BpfAttachFlags.None)]
    [InlineData(CGroupAttachMode.Override, BpfAttachFlags.AllowOverride)]
    [InlineData(CGroupAttachMode.Multi, BpfAttachFlags.AllowMulti)]
    [Row("links", "cgroup attach legacy (PROG_ATTACH, < 5.7)")]
    public void Without_a_link_it_is_attached_until_it_is_detached(CGroupAttachMode mode, BpfAttachFlags flags)
    {
        BpfProgramLink link = _hooks.Programs.Egress.Attach(_group.Group, new CGroupAttachOptions { Mode = mode });

        Assert.Null(link.Id);
        Assert.Throws<BpfException>(() => link.GetInfo());
        BpfAttachedPrograms there = _group.Group.Query(BpfAttachType.CGroupInetEgress);
        Assert.Equal((flags, _hooks.Programs.Egress.Id), (there.Flags, Assert.Single(there.Programs).ProgramId));
        _group.Send(Packets);
        Assert.Equal((ulong)Packets, _hooks.Globals.Hits);
        link.Dispose();
        Assert.Empty(_group.Group.Query(BpfAttachType.CGroupInetEgress).Programs);
        _group.Send(Packets);
        Assert.Equal((ulong)Packets, _hooks.Globals.Hits);
    }

    [Fact]
    [Row("links", "cgroup attach by link")]
    [Row("links", "query of attached programs on a target")]
    [Row("links", "link info: cgroup")]
    public void A_link_is_found_in_its_group_and_as_effective_in_groups_below()
    {
        BpfProgramLink link = _hooks.Programs.Egress.Attach(_group.Group);
        Assert.Equal(_hooks.Programs.Egress.Id, Assert.Single(_group.Group.Query(BpfAttachType.CGroupInetEgress).Programs).ProgramId);

        string below = Path.Combine(_group.Path, "below");
        Directory.CreateDirectory(below);
        using (ControlGroup child = ControlGroup.Open(below))
        {
            Assert.Empty(child.Query(BpfAttachType.CGroupInetEgress).Programs);
            Assert.Contains(_hooks.Programs.Egress.Id, child.Query(BpfAttachType.CGroupInetEgress, effective: true).Programs.Select(static program => program.ProgramId));
        }

        Directory.Delete(below);
        var info = Assert.IsType<BpfCGroupLinkInfo>(link.GetInfo());
        Assert.Equal(BpfAttachType.CGroupInetEgress, info.AttachType);
        Sandbox.Shell($"test $(stat -c %i {_group.Path}) = {info.CGroupId}");
    }

    [Fact]
    public void A_program_replaces_another()
    {
        _hooks.Programs.Egress.Attach(_group.Group, new CGroupAttachOptions { Mode = CGroupAttachMode.Multi });
        BpfProgramLink third = _hooks.Programs.Third.Attach(
            _group.Group, new CGroupAttachOptions { Mode = CGroupAttachMode.Multi, Replace = _hooks.Programs.Egress });
        Assert.Equal(_hooks.Programs.Third.Id, Assert.Single(_group.Group.Query(BpfAttachType.CGroupInetEgress).Programs).ProgramId);
        _group.Send(Packets);
        Assert.Equal((0ul, (ulong)Packets), (_hooks.Globals.Hits, _hooks.Globals.Others));
        third.Dispose();
        Assert.Throws<BpfException>(() => _hooks.Programs.Third.Attach(_group.Group, new CGroupAttachOptions { Replace = _hooks.Programs.Egress }));
    }

    [Fact]
    [Row("links", "cgroup link with anchors (mprog-like opts)")]
    public void Links_have_the_order_they_were_given()
    {
        Needs(BpfFeature.CGroupOrder);
        BpfProgramLink last = _hooks.Programs.Second.Attach(_group.Group);
        BpfProgramLink first = _hooks.Programs.Egress.Attach(_group.Group, new CGroupAttachOptions { Anchor = BpfAnchor.Before(last) });
        BpfAttachedPrograms there = _group.Group.Query(BpfAttachType.CGroupInetEgress);
        Assert.Equal([_hooks.Programs.Egress.Id, _hooks.Programs.Second.Id], there.Programs.Select(static program => program.ProgramId));

        // The second adds what the first has counted so far: 1 + 2 + … + 20.
        _group.Send(Packets);
        Assert.Equal(((ulong)Packets, 210ul), (_hooks.Globals.Hits, _hooks.Globals.Others));
        BpfSyscallException stale = Assert.Throws<BpfSyscallException>(() => _hooks.Programs.Third.Attach(
            _group.Group, new CGroupAttachOptions { Anchor = BpfAnchor.First with { ExpectedRevision = there.Revision + 7 } }));
        Assert.Equal(Errno.ESTALE, stale.Errno);
        first.Dispose();
    }

    [Fact]
    public void A_kernel_that_cannot_order_links_is_reported()
    {
        Assert.SkipWhen(KernelFacts.Has(BpfFeature.CGroupOrder), "this kernel has an order");
        var absent = Assert.Throws<BpfFeatureNotSupportedException>(
            () => _hooks.Programs.Egress.Attach(_group.Group, new CGroupAttachOptions { Anchor = BpfAnchor.First }));
        Assert.Contains("6.17", absent.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_program_in_the_way_is_named()
    {
        _hooks.Programs.Egress.Attach(_group.Group, new CGroupAttachOptions { Mode = CGroupAttachMode.Exclusive });
        BpfSyscallException refused = Assert.ThrowsAny<BpfSyscallException>(() => _hooks.Programs.Third.Attach(_group.Group));
        Assert.Contains($"program {_hooks.Programs.Egress.Id}", refused.Message, StringComparison.Ordinal);
        string root = Path.GetDirectoryName(_group.Path)!;
        Assert.Contains($"/tmp cannot be opened as a control group: it is not a directory of a cgroup2 file system. It is mounted at {root}", Assert.Throws<BpfException>(() => ControlGroup.Open("/tmp")).Message, StringComparison.Ordinal);
        BpfSyscallException missing = Assert.Throws<BpfSyscallException>(() => ControlGroup.Open(root + "/none.slice"));
        Assert.Contains($"cgroup2 is mounted at {root}, and has no such group: create it with mkdir", missing.Message, StringComparison.Ordinal);
        BpfSyscallException absent = Assert.Throws<BpfSyscallException>(() => ControlGroup.Open("/no/such"));
        Assert.Contains($"the paths in /proc/self/cgroup are relative to it: {root}/no/such.", absent.Message, StringComparison.Ordinal);
    }
}
