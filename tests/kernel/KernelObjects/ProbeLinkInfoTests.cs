using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Tests.Kernel.KernelObjects;

/// <summary>What the kernel says about links of each kind of probe is what they were made with.</summary>
public sealed class ProbeLinkInfoTests : TracingTest
{
    private const string Function = "__x64_sys_getpgid";

    [Fact]
    [Row("links", "link info: tracing")]
    public void A_function_has_its_BTF_ID()
    {
        Probes probes = OrSkipWhereRefused(Probes.Open().Programs.FunctionEntry, () =>
        {
            Probes loaded = Load(static spec => spec.Programs.FunctionEntry);
            loaded.Attach();
            return loaded;
        });
        using KernelBtf kernel = KernelBtf.Acquire();

        var info = Info<BpfTracingLinkInfo>(probes);

        Assert.Equal((BpfAttachType.TraceFEntry, probes.Programs.FunctionEntry.Id), (info.AttachType, info.ProgramId));

        // Kernels before 5.13 do not say which.
        bool says = info.TargetBtfId != 0 || Environment.OSVersion.Version >= new Version(5, 13);
        Assert.True(!says || info.TargetBtfId == (uint)kernel.Types.Find(Function, BtfKind.Function), info.ToString());
    }

    [Fact]
    [Row("links", "link info: perf_event (kprobe)")]
    public void A_kprobe_has_its_function_and_place()
    {
        NeedsKProbes();
        Needs(BpfFeature.PerfEventLink);
        Probes probes = Load(static spec => spec.Programs.CookieEntry);
        probes.Programs.CookieEntry.Attach(Function, new KProbeOptions { Cookie = 0x123 });

        BpfPerfEventLinkInfo info = PerfEvent(probes);

        Assert.Equal((BpfPerfEventKind.KProbe, Function, 0ul), (info.Kind, info.Name, info.Offset));
        Assert.NotEqual(0ul, info.Address);
        Assert.True(info.Cookie == 0x123 || Environment.OSVersion.Version < new Version(6, 9), info.ToString());
    }

    [Fact]
    [Row("links", "link info: perf_event (tracepoint)")]
    public void A_tracepoint_has_its_name() => Sandbox.WithTracing(() =>
    {
        Needs(BpfFeature.PerfEventLink);
        Probes probes = Load(static spec => spec.Programs.TpCookie);
        probes.Programs.TpCookie.Attach(cookie: 0x123);

        BpfPerfEventLinkInfo info = PerfEvent(probes);

        Assert.Equal((BpfPerfEventKind.Tracepoint, "sys_enter_getpgid"), (info.Kind, info.Name));
        Assert.True(info.Cookie == 0x123 || Environment.OSVersion.Version < new Version(6, 9), info.ToString());
        probes.Dispose();
    });

    [Fact]
    [Row("links", "link info: perf_event (uprobe)")]
    public void A_uprobe_has_its_file_and_offset()
    {
        Needs(BpfFeature.PerfEventLink);
        ProbedProgram probed = Own(ProbedProgram.Start());
        Uprobes.Spec spec = Uprobes.Open();
        spec.Globals.Pid = (uint)probed.Id;
        spec.Programs.Entry.Enabled = true;
        Uprobes probes = Own(spec.Load());
        BpfProgramLink link = probes.Programs.Entry.Attach(probed.Path, "probed_one");

        BpfPerfEventLinkInfo info = Known(Assert.IsType<BpfPerfEventLinkInfo>(link.GetInfo()));

        Assert.Equal((BpfPerfEventKind.UProbe, probes.Programs.Entry.Id), (info.Kind, info.ProgramId));
        Assert.EndsWith(Path.GetFileName(probed.Path), info.Name, StringComparison.Ordinal);
        Assert.NotEqual(0ul, info.Offset);
    }

    [Fact]
    [Row("links", "link info: perf_event (event)")]
    public void An_event_has_its_type_and_config()
    {
        Needs(BpfFeature.PerfEventLink);
        Samples.Spec spec = Samples.Open();
        spec.Programs.Sample.Enabled = true;
        Samples samples = Own(spec.Load());
        BpfProgramLink link = samples.Programs.Sample.Attach(PerfEventSource.Software(PerfSoftwareEvent.PageFaults), PerfEventTarget.Thread(ThreadId));

        BpfPerfEventLinkInfo info = Known(Assert.IsType<BpfPerfEventLinkInfo>(link.GetInfo()));

        // PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS
        Assert.Equal((BpfPerfEventKind.Event, 1u, 2ul), (info.Kind, info.EventType, info.EventConfig));
    }

    [Fact]
    [Row("links", "link info: kprobe_multi")]
    public void Many_functions_have_an_address_each()
    {
        Needs(BpfFeature.KProbeMultiLink);
        Probes probes = Load(static spec => spec.Programs.MultiExit);
        probes.Attach();

        var info = Info<BpfKProbeMultiLinkInfo>(probes);

        // getpgid and setpgid; kernels before 6.6 say nothing of the kind.
        Assert.SkipWhen(info.Addresses.Count == 0 && !KernelNames.HasMember("bpf_link_info", "kprobe_multi"), "this kernel tells nothing of links to many functions");
        Assert.Equal((2, true, 0ul), (info.Addresses.Count, info.IsReturn, info.Missed));
        Assert.All(info.Addresses, static address => Assert.NotEqual(0ul, address));
    }

    [Fact]
    [Row("links", "link info: uprobe_multi")]
    public void Many_places_have_an_offset_each()
    {
        Needs(BpfFeature.UProbeMultiLink);
        ProbedProgram probed = Own(ProbedProgram.Start());
        Uprobes.Spec spec = Uprobes.Open();
        spec.Programs.Multi.Enabled = true;
        Uprobes probes = Own(spec.Load());
        BpfProgramLink link = probes.Programs.Multi.Attach(probed.Path, ["probed_one", "probed_two"], new UProbeMultiOptions { ProcessId = probed.Id });

        var info = Assert.IsType<BpfUProbeMultiLinkInfo>(link.GetInfo());

        Assert.SkipWhen(info.Offsets.Count == 0 && !KernelNames.HasMember("bpf_link_info", "uprobe_multi"), "this kernel tells nothing of links to many places");
        Assert.Equal((2, false, (uint)probed.Id), (info.Offsets.Count, info.IsReturn, info.ProcessId));
        Assert.EndsWith(Path.GetFileName(probed.Path), info.Path, StringComparison.Ordinal);
    }

    private static T Info<T>(Probes probes)
        where T : BpfLinkInfo
        => Assert.IsType<T>(Assert.Single(probes.Live.Links).GetInfo());

    private static BpfPerfEventLinkInfo PerfEvent(Probes probes) => Known(Info<BpfPerfEventLinkInfo>(probes));

    private static BpfPerfEventLinkInfo Known(BpfPerfEventLinkInfo info)
    {
        Assert.SkipWhen(info.Kind == BpfPerfEventKind.Unspec && !KernelNames.HasMember("bpf_link_info", "perf_event"), "this kernel does not tell what a perf event is");
        return info;
    }
}
