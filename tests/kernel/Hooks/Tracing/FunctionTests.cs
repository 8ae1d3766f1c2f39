namespace Hypermesh.Bpf.Tests.Kernel.Hooks.Tracing;

/// <summary>Programs at kernel functions with their types, and at security hooks: each call is one run, and those that may refuse do.</summary>
public sealed class FunctionTests : TracingTest
{
    [Fact]
    [Row("sections", "fentry")]
    [Row("links", "fentry / fexit / sleepable")]
    public void AnEntryIsCounted() => Count(spec => spec.Programs.FunctionEntry);

    [Fact]
    [Row("sections", "fexit")]
    public void AnExitIsCounted() => Count(spec => spec.Programs.FunctionExit);

    [Fact]
    [Row("sections", "fentry.s")]
    [Row("links", "fentry / fexit / sleepable")]
    public void AnEntryThatMaySleepIsCounted() => OrSkip(Absence.OfSleep, () => Count(spec => spec.Programs.FunctionEntrySleepable));

    [Fact]
    [Row("sections", "fexit.s")]
    public void AnExitThatMaySleepIsCounted() => OrSkip(Absence.OfSleep, () => Count(spec => spec.Programs.FunctionExitSleepable));

    [Fact]
    [Row("sections", "fsession")]
    [Row("links", "fsession (newest kernels)")]
    public void ASessionRunsAtEntryAndExit() => OrSkip(Absence.OfAttachType(BpfAttachType.TraceFSession), () => Count(spec => spec.Programs.FunctionSession, runs: 2));

    [Fact]
    [Row("sections", "fsession.s")]
    public void ASessionThatMaySleepRunsAtEntryAndExit() => OrSkip(Absence.OfSleepingAttachType(BpfAttachType.TraceFSession), () => Count(spec => spec.Programs.FunctionSessionSleepable, runs: 2));

    [Fact]
    [Row("links", "fentry / fexit / sleepable")]
    public void AnEntryHasACookie()
    {
        Probes probes = OrSkipWhereRefused(Probes.Open().Programs.FunctionCookie, () => OrSkip(Absence.OfHelper("bpf_get_attach_cookie"), () =>
        {
            Probes loaded = Load(spec => spec.Programs.FunctionCookie);
            loaded.Programs.FunctionCookie.Attach(cookie: 0x100);
            return loaded;
        }));

        CallGetPgid();

        Assert.Equal(((ulong)Calls, Calls * 0x100ul), (probes.Globals.Hits, probes.Globals.Cookies));
    }

    [Fact]
    [Row("sections", "fmod_ret")]
    [Row("links", "fmod_ret")]
    public void AResultIsChanged() => Count(spec => spec.Programs.Result, refuses: true);

    [Fact]
    [Row("sections", "fmod_ret.s")]
    [Row("links", "fmod_ret")]
    public void AResultIsChangedByAProgramThatMaySleep() => OrSkip(Absence.OfSleep, () => Count(spec => spec.Programs.ResultSleepable, refuses: true));

    [Fact]
    [Row("sections", "lsm")]
    [Row("links", "lsm / sleepable lsm")]
    public void ASecurityHookRefuses() => Count(spec => spec.Programs.Security, refuses: true);

    [Fact]
    [Row("sections", "lsm.s")]
    [Row("links", "lsm / sleepable lsm")]
    public void ASecurityHookThatMaySleepRefuses()
    {
        const ulong Option = 0x686d0001;
        Probes probes = OrSkipWhereRefused(Probes.Open().Programs.SecuritySleepable, () => OrSkip(Absence.OfSleep, () =>
        {
            Probes loaded = Load(spec => spec.Programs.SecuritySleepable, Option);
            loaded.Attach();
            return loaded;
        }));

        for (int i = 0; i < Calls; i++)
        {
            Assert.Equal(-1, LibC.Syscall(Prctl, (nint)Option, 0, 0, 0, 0));
            Assert.Equal(13, System.Runtime.InteropServices.Marshal.GetLastPInvokeError());
        }

        Assert.Equal((ulong)Calls, probes.Globals.Hits);
    }

    private bool Count(Func<Probes.Spec, Hypermesh.Bpf.Objects.BpfProgramSpec> choose, int runs = 1, bool refuses = false)
    {
        Probes probes = OrSkipWhereRefused(choose(Probes.Open()), () =>
        {
            Probes loaded = Load(choose);
            loaded.Attach();
            return loaded;
        });

        Assert.Equal(refuses ? Calls : 0, CallGetPgid());

        Assert.Equal((ulong)(Calls * runs), probes.Globals.Hits);
        Assert.Single(probes.Live.Links).Dispose();
        Assert.Equal(0, CallGetPgid());
        Assert.Equal((ulong)(Calls * runs), probes.Globals.Hits);
        return true;
    }
}
