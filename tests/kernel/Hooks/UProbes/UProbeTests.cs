using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Executables;

namespace Hypermesh.Bpf.Tests.Kernel.Hooks.UProbes;

/// <summary>Probes of user programs and libraries: each call in the process is one run of the program.</summary>
public sealed class UProbeTests : TracingTest
{
    [Theory]
    [InlineData("probed_one", false)]
    [InlineData("probed_static", false)]
    [InlineData("probed_one", true)]
    [Row("sections", "uprobe")]
    [Row("links", "uprobe by symbol or offset, ref_ctr_offset")]
    public void An_entry_is_counted(string function, bool isMovable)
    {
        ProbedProgram probed = Own(ProbedProgram.Start(isMovable));
        Uprobes probes = Load(probed, spec => spec.Programs.Entry);

        BpfProgramLink link = probes.Programs.Entry.Attach(probed.Path, function);
        probed.Do(Calls);

        Assert.Equal((ulong)Calls, probes.Globals.Hits);
        Assert.Equal(KernelFacts.Has(BpfFeature.PerfEventLink), link.Id is not null);
        link.Dispose();
        probed.Do(Calls);
        Assert.Equal((ulong)Calls, probes.Globals.Hits);
    }

    [Fact]
    [Row("sections", "uretprobe")]
    public void A_return_is_counted() => Count(spec => spec.Programs.ExitOf, probes => probes.Programs.ExitOf);

    [Fact]
    [Row("sections", "uprobe.s")]
    public void An_entry_that_may_sleep_is_counted() => Count(spec => spec.Programs.EntrySleepable, probes => probes.Programs.EntrySleepable, needsSleep: true);

    [Fact]
    [Row("sections", "uretprobe.s")]
    public void A_return_that_may_sleep_is_counted() => Count(spec => spec.Programs.ExitSleepable, probes => probes.Programs.ExitSleepable, needsSleep: true);

    [Fact]
    [Row("links", "uprobe by symbol or offset, ref_ctr_offset")]
    public void An_offset_in_the_file_is_counted_in_one_process_and_its_reference_counter_raised()
    {
        ProbedProgram probed = Own(ProbedProgram.Start());
        ProbedProgram other = Own(ProbedProgram.Start());
        Uprobes probes = Load(probed, spec => spec.Programs.Entry);
        byte[] image = File.ReadAllBytes(probed.Path);
        var file = BinaryFile.Read((offset, into) => image.AsSpan((int)offset, into.Length).CopyTo(into), 0, image.Length, probed.Path);
        ulong place = BinarySymbols.Find(file, "probed_two")!.Value;
        BinarySegment data = file.SegmentAt(probed.Counter)!.Value;

        BpfProgramLink link = probes.Programs.Entry.Attach(
            probed.Path, place, new UProbeOptions { ProcessId = probed.Id, ReferenceCounterOffset = probed.Counter - data.Address + data.FileOffset });

        Assert.Equal(1, probed.Do(Calls).Counter);
        other.Do(Calls);
        Assert.Equal((ulong)Calls, probes.Globals.Hits);
        link.Dispose();
        Assert.Equal(0, probed.Do(1).Counter);
    }

    [Theory]
    [InlineData(ProbeMethod.PerfEvent)]
    [InlineData(ProbeMethod.TraceFs)]
    public void Each_way_the_kernel_has_works(ProbeMethod method)
    {
        ProbedProgram probed = Own(ProbedProgram.Start());
        Sandbox.WithTracing(() =>
        {
            Uprobes probes = Load(probed, spec => spec.Programs.Entry);

            probes.Programs.Entry.Attach(probed.Path, "probed_one", new UProbeOptions { Method = method });
            probed.Do(Calls);

            Assert.Equal((ulong)Calls, probes.Globals.Hits);
            probes.Dispose();
            Assert.DoesNotContain("hypermesh", File.ReadAllText("/sys/kernel/tracing/uprobe_events"), StringComparison.Ordinal);
        });
    }

    [Fact]
    [Row("links", "uprobe: library by bare name (PATH, LD paths)")]
    public void A_library_is_found_by_its_bare_name()
    {
        ProbedProgram probed = Own(ProbedProgram.Start());
        Uprobes probes = Load(probed, spec => spec.Programs.Library);

        probes.Attach();
        probed.Do(Calls);

        Assert.Equal((ulong)Calls, probes.Globals.Hits);
    }

    [Fact]
    public void A_cookie_tells_attachments_apart()
    {
        Needs(BpfFeature.AttachCookie);
        ProbedProgram probed = Own(ProbedProgram.Start());
        Uprobes probes = Load(probed, spec => spec.Programs.Cookie);

        probes.Programs.Cookie.Attach(probed.Path, "probed_one", new UProbeOptions { Cookie = 1 });
        probes.Programs.Cookie.Attach(probed.Path, "probed_two", new UProbeOptions { Cookie = 0x100 });
        probed.Do(Calls);

        Assert.Equal((Calls * 2ul, Calls * 0x101ul), (probes.Globals.Hits, probes.Globals.Cookies));
    }

    [Fact]
    public void A_missing_function_is_reported_with_similar_names()
    {
        ProbedProgram probed = Own(ProbedProgram.Start());

        BpfException function = Assert.Throws<BpfFeatureNotSupportedException>(Load(probed, spec => spec.Programs.NoFunction).Attach);
        Assert.Contains("no_function", function.Message, StringComparison.Ordinal);
        Assert.Contains("near names there: getppid", function.Message, StringComparison.Ordinal);
        BpfException library = Assert.Throws<BpfFeatureNotSupportedException>(Load(probed, spec => spec.Programs.NoLibrary).Attach);
        Assert.Contains("libnosuchthing.so.1", library.Message, StringComparison.Ordinal);
        Assert.Contains("LD_LIBRARY_PATH", library.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Row("sections", "uprobe.multi")]
    [Row("links", "uprobe.multi")]
    public void Many_entries_are_attached_to_by_a_pattern() => CountMany("uprobe.multi");

    [Fact]
    [Row("sections", "uretprobe.multi")]
    [Row("links", "uprobe.multi")]
    public void Many_returns_are_attached_to_by_a_pattern() => CountMany("uretprobe.multi");

    [Fact]
    [Row("sections", "uprobe.multi.s")]
    [Row("links", "uprobe.multi")]
    public void Many_entries_that_may_sleep_are_attached_to_by_a_pattern() => CountMany("uprobe.multi.s");

    [Fact]
    [Row("sections", "uretprobe.multi.s")]
    [Row("links", "uprobe.multi")]
    public void Many_returns_that_may_sleep_are_attached_to_by_a_pattern() => CountMany("uretprobe.multi.s");

    [Fact]
    [Row("sections", "uprobe.session")]
    [Row("links", "uprobe.session")]
    public void Many_sessions_are_attached_to_by_a_pattern() => CountMany("uprobe.session");

    [Fact]
    [Row("sections", "uprobe.session.s")]
    [Row("links", "uprobe.session")]
    public void Many_sessions_that_may_sleep_are_attached_to_by_a_pattern() => CountMany("uprobe.session.s");

    [Fact]
    [Row("links", "uprobe.multi")]
    public void Many_functions_of_one_process_have_a_cookie_each()
    {
        Needs(BpfFeature.UProbeMultiLink);
        ProbedProgram probed = Own(ProbedProgram.Start());
        Uprobes probes = Load(probed, spec => spec.Programs.MultiCookie);

        probes.Programs.MultiCookie.Attach(
            probed.Path, ["probed_static", "probed_three"], new UProbeMultiOptions { Cookies = [1, 0x100], ProcessId = probed.Id });
        probed.Do(Calls);

        Assert.Equal((Calls * 2ul, Calls * 0x101ul), (probes.Globals.Hits, probes.Globals.Cookies));
        Assert.Throws<BpfException>(() => probes.Programs.MultiCookie.Attach(probed.Path, ["probed_one"], new UProbeMultiOptions { Cookies = [1, 2] }));
    }

    private Func<ulong> _hits = static () => 0;

    private static Uprobes.Spec Spec(ProbedProgram probed)
    {
        Uprobes.Spec spec = Uprobes.Open();
        spec.Globals.Pid = (uint)probed.Id;
        return spec;
    }

    private Uprobes Load(ProbedProgram probed, Func<Uprobes.Spec, BpfProgramSpec> choose)
    {
        Uprobes.Spec spec = Spec(probed);
        choose(spec).Enabled = true;
        return Own(spec.Load());
    }

    private void CountMany(string section)
    {
        Needs(BpfFeature.UProbeMultiLink);
        ProbedProgram probed = Own(ProbedProgram.Start());
        bool isSession = section.StartsWith("uprobe.session", StringComparison.Ordinal);
        Func<BpfUProbeMultiProgram> load = () =>
        {
            Uprobes probes = Load(probed, spec => spec.Object.Programs.First(program => program.SectionName == section));
            BpfUProbeMultiProgram program = probes.Live.Programs.OfType<BpfUProbeMultiProgram>().Single(static program => program.IsLoaded);
            program.Attach(probed.Path, "probed_t*");
            _hits = () => probes.Globals.Hits;
            return program;
        };
        BpfUProbeMultiProgram program = isSession ? OrSkip(Absence.OfAttachType(BpfAttachType.TraceUProbeSession), load) : load();

        probed.Do(Calls);

        Assert.Equal((ulong)(Calls * 2 * (isSession ? 2 : 1)), _hits());
        Assert.NotNull(Assert.Single(program.Links).Id);
    }

    private void Count(Func<Uprobes.Spec, BpfProgramSpec> choose, Func<Uprobes, BpfUProbeProgram> program, bool needsSleep = false)
    {
        ProbedProgram probed = Own(ProbedProgram.Start());
        Func<Uprobes> load = () =>
        {
            Uprobes loaded = Load(probed, choose);
            program(loaded).Attach(probed.Path, "probed_one");
            return loaded;
        };
        Uprobes probes = needsSleep ? OrSkip(Absence.OfSleep, load) : load();

        probed.Do(Calls);

        Assert.Equal((ulong)Calls, probes.Globals.Hits);
    }
}
