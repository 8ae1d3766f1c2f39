namespace Hypermesh.Bpf.Tests.Kernel.Hooks.Tracing;

/// <summary>Programs at kernel functions with their types: each call is one run, and those that may change the result do.</summary>
public sealed class FunctionTests : TracingTest
{
    [Fact]
    [Row("sections", "fentry")]
    [Row("links", "fentry / fexit / sleepable")]
    public void An_entry_is_counted() => CountCalls(spec => spec.Programs.FunctionEntry);

    [Fact]
    [Row("sections", "fexit")]
    public void An_exit_is_counted() => CountCalls(spec => spec.Programs.FunctionExit);

    [Fact]
    [Row("sections", "fentry.s")]
    [Row("links", "fentry / fexit / sleepable")]
    public void An_entry_that_may_sleep_is_counted() => OrSkip(Absence.OfSleep, () => CountCalls(spec => spec.Programs.FunctionEntrySleepable));

    [Fact]
    [Row("sections", "fexit.s")]
    public void An_exit_that_may_sleep_is_counted() => OrSkip(Absence.OfSleep, () => CountCalls(spec => spec.Programs.FunctionExitSleepable));

    [Fact]
    [Row("sections", "fsession")]
    [Row("links", "fsession (newest kernels)")]
    public void A_session_runs_at_entry_and_exit() => OrSkip(Absence.OfAttachType(BpfAttachType.TraceFSession), () => CountCalls(spec => spec.Programs.FunctionSession, runs: 2));

    [Fact]
    [Row("sections", "fsession.s")]
    public void A_session_that_may_sleep_runs_at_entry_and_exit() => OrSkip(Absence.OfSleepingAttachType(BpfAttachType.TraceFSession), () => CountCalls(spec => spec.Programs.FunctionSessionSleepable, runs: 2));

    [Fact]
    [Row("links", "fentry / fexit / sleepable")]
    public void An_entry_has_a_cookie()
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
    public void A_result_is_changed() => CountCalls(spec => spec.Programs.Result, refuses: true);

    [Fact]
    [Row("sections", "fmod_ret.s")]
    [Row("links", "fmod_ret")]
    public void A_result_is_changed_by_a_program_that_may_sleep() => OrSkip(Absence.OfSleep, () => CountCalls(spec => spec.Programs.ResultSleepable, refuses: true));
}
