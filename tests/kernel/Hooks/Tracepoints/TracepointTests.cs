namespace Hypermesh.Bpf.Tests.Kernel.Hooks.Tracepoints;

/// <summary>Tracepoints of all kinds: each call of the system call is one run of the program.</summary>
public sealed class TracepointTests : TracingTest
{
    [Fact]
    [Row("sections", "tracepoint")]
    [Row("links", "tracepoint")]
    public void A_classic_tracepoint_is_counted() => Classic(spec => spec.Programs.TpLong);

    [Fact]
    [Row("sections", "tp")]
    public void A_classic_tracepoint_is_attached_to_by_its_short_section() => Classic(spec => spec.Programs.TpShort);

    [Fact]
    [Row("sections", "tracepoint.s")]
    public void A_classic_tracepoint_that_may_sleep_is_counted() => Classic(spec => spec.Programs.TpLongSleepable, sleepable: true);

    [Fact]
    [Row("sections", "tp.s")]
    public void A_classic_tracepoint_that_may_sleep_is_attached_to_by_its_short_section() => Classic(spec => spec.Programs.TpShortSleepable, sleepable: true);

    [Fact]
    [Row("links", "tracepoint")]
    public void A_classic_tracepoint_has_a_cookie()
    {
        Needs(BpfFeature.AttachCookie);
        Sandbox.WithTracing(() =>
        {
            Probes probes = Load(spec => spec.Programs.TpCookie);
            probes.Programs.TpCookie.Attach(cookie: 0x100);
            CallGetPgid();
            Assert.Equal(((ulong)Calls, Calls * 0x100ul), (probes.Globals.Hits, probes.Globals.Cookies));
            probes.Dispose();
        });
    }

    [Fact]
    [Row("sections", "raw_tracepoint")]
    [Row("links", "raw_tracepoint / writable")]
    public void A_raw_tracepoint_is_counted() => Count(Load(spec => spec.Programs.RawLong));

    [Fact]
    [Row("sections", "raw_tp")]
    public void A_raw_tracepoint_is_attached_to_by_its_short_section() => Count(Load(spec => spec.Programs.RawShort));

    [Fact]
    [Row("sections", "raw_tracepoint.s")]
    public void A_raw_tracepoint_that_may_sleep_is_counted() => Count(OrSkip(Absence.OfSleep, () => Load(spec => spec.Programs.RawLongSleepable)));

    [Fact]
    [Row("sections", "raw_tp.s")]
    public void A_raw_tracepoint_that_may_sleep_is_attached_to_by_its_short_section() => Count(OrSkip(Absence.OfSleep, () => Load(spec => spec.Programs.RawShortSleepable)));

    [Fact]
    [Row("links", "raw_tracepoint / writable")]
    public void A_raw_tracepoint_has_a_cookie()
    {
        Probes probes = OrSkip(Absence.OfHelper("bpf_get_attach_cookie"), () =>
        {
            Probes loaded = Load(spec => spec.Programs.RawCookie);
            loaded.Programs.RawCookie.Attach(cookie: 0x100);
            return loaded;
        });

        CallGetPgid();

        Assert.Equal(((ulong)Calls, Calls * 0x100ul), (probes.Globals.Hits, probes.Globals.Cookies));
    }

    [Fact]
    [Row("sections", "tp_btf")]
    [Row("links", "tp_btf")]
    public void A_typed_tracepoint_is_counted() => Count(Load(spec => spec.Programs.Typed));

    [Fact]
    [Row("sections", "tp_btf.s")]
    public void A_typed_tracepoint_that_may_sleep_is_counted() => Count(OrSkip(Absence.OfSleep, () => Load(spec => spec.Programs.TypedSleepable)));

    [Fact]
    [Row("links", "tp_btf")]
    public void A_typed_tracepoint_has_a_cookie()
    {
        Probes probes = OrSkip(Absence.OfHelper("bpf_get_attach_cookie"), () =>
        {
            Probes loaded = Load(spec => spec.Programs.TypedCookie);
            loaded.Programs.TypedCookie.Attach(cookie: 0x100);
            return loaded;
        });

        CallGetPgid();

        Assert.Equal(((ulong)Calls, Calls * 0x100ul), (probes.Globals.Hits, probes.Globals.Cookies));
    }

    [Fact]
    [Row("sections", "raw_tracepoint.w")]
    [Row("links", "raw_tracepoint / writable")]
    public void A_writable_tracepoint_changes_what_it_is_given() => Change(Load(spec => spec.Programs.WriteLong));

    [Fact]
    [Row("sections", "raw_tp.w")]
    [Row("links", "raw_tracepoint / writable")]
    public void A_writable_tracepoint_is_attached_to_by_its_short_section() => Change(Load(spec => spec.Programs.WriteShort));

    private static void Change(Probes probes)
    {
        using BpfInstructionProgram tested = BpfInstructionProgram.Load(Code.Bytes([Code.Move(0, 0), Code.Exit()]), BpfProgramType.SocketFilter);
        Assert.Equal(0, EmptyPacket.Run(tested).Answer);

        probes.Attach();

        Assert.Equal(-7, EmptyPacket.Run(tested).Answer);
        Assert.Equal(1ul, probes.Globals.Hits);
    }

    private void Classic(Func<Probes.Spec, Hypermesh.Bpf.Objects.BpfProgramSpec> choose, bool sleepable = false) => Sandbox.WithTracing(() =>
    {
        Probes probes = sleepable ? OrSkip(Absence.OfSleep, () => Load(choose)) : Load(choose);
        Count(probes);
        probes.Dispose();
    });

    private static void Count(Probes probes)
    {
        probes.Attach();
        CallGetPgid();
        Assert.Equal((ulong)Calls, probes.Globals.Hits);
        Assert.Single(probes.Live.Links).Dispose();
        CallGetPgid();
        Assert.Equal((ulong)Calls, probes.Globals.Hits);
    }
}
