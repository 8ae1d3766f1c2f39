namespace Hypermesh.Bpf.Tests.Kernel.Hooks.TrafficControl;

/// <summary>Traffic classifiers and actions on the loopback of a namespace of the test's own: by link with order, and as filters by netlink.</summary>
public sealed class TrafficHookTests : KernelTest
{
    private static readonly string[] s_missingParts = ["TC classifier not found", "Failed to load TC action module"];

    [Fact]
    [Row("sections", "tc/ingress")]
    public void TC_ingress_programs_run() => HookPrograms.CountOnLoopback(static spec => spec.Programs.TcIngress, static (programs, device) => programs.TcIngress.Attach(device));

    [Fact]
    [Row("sections", "tc/egress")]
    public void TC_egress_programs_run() => HookPrograms.CountOnLoopback(static spec => spec.Programs.TcEgress, static (programs, device) => programs.TcEgress.Attach(device));

    [Fact]
    [Row("sections", "tcx/ingress")]
    public void TCX_ingress_programs_run() => HookPrograms.CountOnLoopback(static spec => spec.Programs.TcxIngress, static (programs, device) => programs.TcxIngress.Attach(device));

    [Fact]
    [Row("sections", "tcx/egress")]
    public void TCX_egress_programs_run() => HookPrograms.CountOnLoopback(static spec => spec.Programs.TcxEgress, static (programs, device) => programs.TcxEgress.Attach(device));

    [Fact]
    [Row("sections", "tc")]
    public void TC_programs_run() => HookPrograms.CountOnLoopback(static spec => spec.Programs.Tc, static (programs, device) => programs.Tc.AttachFilter(device, PacketDirection.Egress));

    [Fact]
    [Row("sections", "classifier")]
    public void Classifier_programs_run()
        => HookPrograms.CountOnLoopback(static spec => spec.Programs.Classifier, static (programs, device) => programs.Classifier.AttachFilter(device, PacketDirection.Ingress));

    [Fact]
    [Row("sections", "action")]
    public void Action_programs_run() => HookPrograms.CountOnLoopback(static spec => spec.Programs.Action, static (programs, device) => Attach(() => programs.Action.AttachFilter(device, PacketDirection.Ingress)));

    [Fact]
    [Row("links", "TC legacy: clsact qdisc and cls_bpf by netlink")]
    [Row("links", "link info: tcx")]
    public void Filters_are_created_found_replaced_and_removed() => Sandbox.WithNetwork(() =>
    {
        NetworkHooks hooks = Own(HookPrograms.Load(NetworkHooks.Open(), static spec => spec.Programs.Tc, static spec => spec.Programs.Classifier));
        NetworkDevice device = NetworkDevice.FromName("lo");
        var place = new TcFilterOptions { Priority = 7, Handle = 3 };

        Assert.Empty(device.QueryFilters(PacketDirection.Ingress));
        BpfException without = Assert.ThrowsAny<BpfException>(() => hooks.Programs.Tc.AttachFilter(device, PacketDirection.Ingress, place with { CreateClsact = false }));
        Assert.Contains("CreateClsact", without.Message, StringComparison.Ordinal);
        BpfProgramLink link = hooks.Programs.Tc.AttachFilter(device, PacketDirection.Ingress, place);
        Assert.Equal([new TcFilter(7, 3, hooks.Programs.Tc.Id, "tc", true)], device.QueryFilters(PacketDirection.Ingress));
        Assert.Empty(device.QueryFilters(PacketDirection.Egress));

        BpfSyscallException taken = Assert.Throws<BpfSyscallException>(() => hooks.Programs.Classifier.AttachFilter(device, PacketDirection.Ingress, place));
        Assert.Equal(Errno.EEXIST, taken.Errno);
        Assert.Contains("Replace", taken.Message, StringComparison.Ordinal);
        BpfProgramLink second = hooks.Programs.Classifier.AttachFilter(device, PacketDirection.Ingress, place with { Replace = true });
        Assert.Equal(hooks.Programs.Classifier.Id, Assert.Single(device.QueryFilters(PacketDirection.Ingress)).ProgramId);

        BpfProgramLink chosen = hooks.Programs.Tc.AttachFilter(device, PacketDirection.Egress);
        TcFilter made = Assert.Single(device.QueryFilters(PacketDirection.Egress));
        Assert.True(made is { Priority: > 0, Handle: > 0 });
        chosen.Dispose();
        Assert.Empty(device.QueryFilters(PacketDirection.Egress));
        second.Dispose();
        Assert.Empty(device.QueryFilters(PacketDirection.Ingress));
        link.Dispose();
        device.RemoveClsact();
        Assert.ThrowsAny<BpfSyscallException>(device.RemoveClsact);
    });

    [Fact]
    [Row("links", "TCX with before/after/id/revision")]
    [Row("links", "query of attached programs on a target")]
    public void Classifiers_by_link_have_the_order_they_were_given() => Sandbox.WithNetwork(() =>
    {
        Needs(BpfFeature.TcxLink);
        NetworkHooks hooks = Own(HookPrograms.Load(
            NetworkHooks.Open(), static spec => spec.Programs.TcxIngress, static spec => spec.Programs.TcIngress, static spec => spec.Programs.TcxSecond));
        NetworkDevice device = NetworkDevice.FromName("lo");
        ulong revision = device.QueryTcx(PacketDirection.Ingress).Revision;

        BpfProgramLink first = hooks.Programs.TcxIngress.Attach(device, BpfAnchor.First with { ExpectedRevision = revision });
        BpfSyscallException stale = Assert.Throws<BpfSyscallException>(() => hooks.Programs.TcIngress.Attach(device, BpfAnchor.First with { ExpectedRevision = revision }));
        Assert.Equal(Errno.ESTALE, stale.Errno);
        Assert.Contains($"revision is now {revision + 1}", stale.Message, StringComparison.Ordinal);
        BpfProgramLink before = hooks.Programs.TcIngress.Attach(device, BpfAnchor.Before(first));
        BpfProgramLink between = hooks.Programs.TcxSecond.Attach(device, BpfAnchor.AfterLink(before.Id!.Value));

        BpfAttachedPrograms there = device.QueryTcx(PacketDirection.Ingress);
        Assert.Equal([before.Id!.Value, between.Id!.Value, first.Id!.Value], there.Programs.Select(static program => program.LinkId));
        Assert.Equal(hooks.Programs.TcxSecond.Id, there.Programs[1].ProgramId);
        var info = Assert.IsType<BpfNetworkDeviceLinkInfo>(between.GetInfo());
        Assert.Equal((device.Index, BpfAttachType.TcxIngress), (info.InterfaceIndex, info.AttachType));

        between.Dispose();
        Assert.Throws<BpfSyscallException>(() => hooks.Programs.TcxSecond.Attach(device, BpfAnchor.AfterProgram(uint.MaxValue)));
        Assert.Throws<ObjectDisposedException>(() => BpfAnchor.Before(between));
    });

    [Fact]
    public void A_kernel_without_links_of_classifiers_is_reported_with_the_other_way() => Sandbox.WithNetwork(() =>
    {
        Assert.SkipWhen(KernelFacts.Has(BpfFeature.TcxLink), "this kernel has TCX");
        NetworkHooks hooks = Own(HookPrograms.Load(NetworkHooks.Open(), static spec => spec.Programs.Tc));
        var absent = Assert.Throws<BpfFeatureNotSupportedException>(() => hooks.Programs.Tc.Attach(NetworkDevice.FromName("lo"), PacketDirection.Ingress));
        Assert.Contains("AttachFilter", absent.Message, StringComparison.Ordinal);
    });

    // Parts of the traffic control may be missing: the kernel says so in words.
    private static BpfProgramLink Attach(Func<BpfProgramLink> attach)
    {
        try
        {
            return attach();
        }
        catch (BpfSyscallException missing) when (missing.Errno == Errno.ENOENT && s_missingParts.Any(words => missing.Message.Contains(words, StringComparison.Ordinal)))
        {
            TestContext.Current.TestOutputHelper?.WriteLine(missing.Message);
            Assert.Skip("this kernel has no part of the traffic control that runs such programs, and says so in words");
            throw;
        }
    }
}
