using Hypermesh.Bpf.Objects;
using UsdtProbes = Hypermesh.Bpf.Tests.Kernel.Usdt;

namespace Hypermesh.Bpf.Tests.Kernel.Hooks.Usdt;

/// <summary>Static probes of user programs: how often they are passed, with which arguments, and whether the program knows that someone listens.</summary>
public sealed class UsdtTests : TracingTest
{
    private const long SumOfSteps = Calls * (Calls - 1) / 2;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Row("sections", "usdt")]
    [Row("links", "USDT (ELF notes, spec maps, semaphores, cookie)")]
    public void A_probe_is_counted_with_its_arguments(bool isMovable)
    {
        ProbedProgram probed = Own(ProbedProgram.Start(isMovable));
        UsdtProbes usdt = Load(probed, spec => spec.Programs.Plain);

        BpfProgramLink link = usdt.Programs.Plain.Attach(probed.Path, "hypermesh", "plain", Options(probed, isMovable, cookie: 9));
        probed.Do(Calls);

        Assert.Equal(((ulong)Calls, 3ul, Calls * 9ul), (usdt.Globals.Hits, usdt.Globals.Arguments, usdt.Globals.Cookies));
        Assert.Equal((SumOfSteps, Calls * 40L, Calls * -3L), (usdt.Globals.First, usdt.Globals.Second, usdt.Globals.Third));
        link.Dispose();
        probed.Do(Calls);
        Assert.Equal((ulong)Calls, usdt.Globals.Hits);
    }

    [Fact]
    [Row("links", "USDT (ELF notes, spec maps, semaphores, cookie)")]
    public void A_semaphore_is_raised_while_anyone_listens()
    {
        ProbedProgram probed = Own(ProbedProgram.Start());
        UsdtProbes usdt = Load(probed, spec => spec.Programs.Plain);
        Assert.Equal(0, probed.Do(1).Semaphore);

        BpfProgramLink link = usdt.Programs.Plain.Attach(probed.Path, "hypermesh", "listened");

        Assert.Equal(1, probed.Do(Calls).Semaphore);
        Assert.Equal(((ulong)Calls, SumOfSteps), (usdt.Globals.Hits, usdt.Globals.First));
        link.Dispose();
        Assert.Equal(0, probed.Do(1).Semaphore);
    }

    [Fact]
    public void A_probe_at_two_places_is_counted_at_both_and_can_be_attached_to_again()
    {
        ProbedProgram probed = Own(ProbedProgram.Start());
        UsdtProbes usdt = Load(probed, spec => spec.Programs.Plain);

        for (ulong round = 1; round <= 3; round++)
        {
            BpfProgramLink link = usdt.Programs.Plain.Attach(probed.Path, "hypermesh", "twice", new UsdtOptions { ProcessId = probed.Id });
            probed.Do(Calls);
            Assert.Equal((Calls * 2 * round, (long)round * (SumOfSteps + (Calls * 40L))), (usdt.Globals.Hits, usdt.Globals.First));
            link.Dispose();
        }
    }

    [Fact]
    [Row("sections", "usdt.s")]
    public void A_probe_is_counted_by_a_program_that_may_sleep()
    {
        ProbedProgram probed = Own(ProbedProgram.Start());
        UsdtProbes usdt = OrSkip(Absence.OfSleep, () =>
        {
            UsdtProbes loaded = Load(probed, spec => spec.Programs.Sleepable);
            loaded.Programs.Sleepable.Attach(probed.Path, "hypermesh", "plain");
            return loaded;
        });

        probed.Do(Calls);

        Assert.Equal(((ulong)Calls, SumOfSteps), (usdt.Globals.Hits, usdt.Globals.First));
    }

    [Fact]
    public void A_missing_probe_is_reported_with_those_there_are()
    {
        ProbedProgram probed = Own(ProbedProgram.Start());
        UsdtProbes usdt = Load(probed, spec => spec.Programs.Plain);

        BpfException refusal = Assert.Throws<BpfFeatureNotSupportedException>(() => usdt.Programs.Plain.Attach(probed.Path, "hypermesh", "no_such_probe"));

        Assert.Contains("hypermesh:no_such_probe", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("hypermesh:listened, hypermesh:plain, hypermesh:twice", refusal.Message, StringComparison.Ordinal);
    }

    // Before cookies, a program that may be loaded anywhere is attached to in one process.
    private static UsdtOptions Options(ProbedProgram probed, bool isMovable, ulong cookie)
        => new() { Cookie = cookie, ProcessId = isMovable && !KernelFacts.Has(BpfFeature.AttachCookie) ? probed.Id : null };

    private UsdtProbes Load(ProbedProgram probed, Func<UsdtProbes.Spec, BpfProgramSpec> choose)
    {
        UsdtProbes.Spec spec = UsdtProbes.Open();
        spec.Globals.Pid = (uint)probed.Id;
        choose(spec).Enabled = true;
        return Own(spec.Load());
    }
}
