using Hypermesh.Bpf.Objects;

namespace Hypermesh.Bpf.Tests.Kernel.TestRuns;

/// <summary>Programs at the functions a test run calls: each call is one run, with the arguments the kernel calls them with.</summary>
public sealed class TestCallTests : TracingTest
{
    [Fact]
    [Row("runtime", "PROG_TEST_RUN: tracing programs (fentry, fexit, fmod_ret)")]
    public void An_entry_sees_the_arguments()
    {
        Testcalls live = Run(static spec => spec.Programs.Entry, static programs => programs.Entry, out BpfTestRunResult result);

        // bpf_fentry_test2(2, 3)
        Assert.Equal((1ul, 2003ul, 0u), (live.Globals.Entries, live.Globals.EntryArgument, result.ReturnValue));
    }

    [Fact]
    [Row("runtime", "PROG_TEST_RUN: tracing programs (fentry, fexit, fmod_ret)")]
    public void An_exit_sees_the_result_too()
    {
        Testcalls live = Run(static spec => spec.Programs.Leave, static programs => programs.Leave, out BpfTestRunResult result);

        Assert.Equal((1ul, 2003ul, 5ul, 0u), (live.Globals.Exits, live.Globals.ExitArgument, live.Globals.ExitResult, result.ReturnValue));
    }

    [Fact]
    [Row("runtime", "PROG_TEST_RUN: tracing programs (fentry, fexit, fmod_ret)")]
    public void A_changed_result_comes_back()
    {
        Testcalls live = Run(static spec => spec.Programs.Change, static programs => programs.Change, out BpfTestRunResult result, Absence.OfChangedResult);

        // The function itself, which counts in the upper half, did not run. Newer kernels (6.3) call a second one, which ran, and gave 29.
        Assert.Equal(1ul, live.Globals.Changes);
        Assert.Contains(result.ReturnValue, new[] { 1234u, (1u << 16) | (1234 + 29) });
    }

    private Testcalls Run(Func<Testcalls.Spec, BpfProgramSpec> choose, Func<Testcalls.ProgramSet, BpfTracingProgram> program, out BpfTestRunResult result, Absence? absence = null)
    {
        Testcalls live = OrSkipWhereRefused(choose(Testcalls.Open()), () =>
        {
            Testcalls.Spec spec = Testcalls.Open();
            choose(spec).Enabled = true;
            Testcalls loaded = Own(absence is null ? spec.Load() : OrSkip(absence, () => spec.Load()));
            loaded.Attach();
            return loaded;
        });
        result = program(live.Programs).TestRun();
        return live;
    }
}
