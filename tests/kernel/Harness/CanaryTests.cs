using Hypermesh.Bpf.Errors;
using Hypermesh.Bpf.Loading;
using Hypermesh.Bpf.Loading.Programs;
using Hypermesh.Bpf.Objects;
using Xunit.Sdk;

namespace Hypermesh.Bpf.Tests.Kernel.Harness;

/// <summary>A program of the tests' own shows whether a refusal is the kernel's policy or a fault of ours.</summary>
public sealed class CanaryTests : KernelTest
{
    private const string AnyFunction = "fentry/bpf_fentry_test1";

    [Theory]
    [InlineData("socket")]
    [InlineData("xdp")]
    [InlineData("tp_btf/sched_switch")]
    [InlineData("raw_tp/sched_switch")]
    [InlineData("cgroup/connect4")]
    [InlineData("iter/task")]
    public void A_kind_that_the_kernel_accepts_is_no_reason_to_skip(string section)
    {
        Assert.Equal(0, Canary.Of(section).Try());

        // A fault of ours that looks like a refusal stays one.
        var fault = Assert.IsType<BpfPermissionException>(KernelErrors.Of(Kernel, BpfCommand.ProgramLoad, -Errno.EPERM, "Loading program x"));
        Assert.Same(fault, Assert.Throws<BpfPermissionException>(() => Canary.OrSkip<int>(section, () => throw fault)));
    }

    [Fact]
    public void A_missing_capability_is_not_a_policy()
    {
        var fault = Assert.IsType<BpfPermissionException>(KernelErrors.Of(Kernel, BpfCommand.ProgramLoad, -Errno.EPERM, "Loading program x"));

        LimitedThread.Run(Capabilities.None, asNobody: false, () => Assert.False(Canary.Of("socket").IsRefusedLike(fault)));
    }

    // A security module of the test's own, where the kernel lets it have one.
    [Theory]
    [InlineData(0, true)]
    // A policy against programs of more than two instructions is not about a kind, so a test that meets it must fail.
    [InlineData(3, false)]
    public void A_policy_that_refuses_a_kind_is_distinguished_from_a_fault(int leastInstructions, bool isKind)
    {
        Policy.Spec policy = Policy.Open();
        policy.Globals.Tid = (uint)LibC.Syscall(186, 0, 0, 0, 0, 0);
        policy.Globals.LeastInstructions = (uint)leastInstructions;
        policy.Programs.Refuse.Enabled = true;
        Policy inForce = Canary.OrSkip(policy.Programs.Refuse.SectionName, () =>
        {
            Policy loaded = Own(policy.Load());
            loaded.Attach();
            return loaded;
        });

        var refused = Assert.Throws<BpfPermissionException>(() => LoadWalk());
        Assert.Equal((BpfRefusal.KernelPolicy, null, "entries"), (refused.Refused, refused.MissingCapability, refused.SubjectName));
        Assert.Contains(isKind ? "is rejected too (SEC(\"iter/bpf_map_elem\"))" : "is accepted (SEC(\"iter/bpf_map_elem\"))", refused.Message, StringComparison.Ordinal);
        Assert.Equal(isKind, Canary.Of("iter/bpf_map_elem").IsRefusedLike(refused));
        Exception shown = Record.Exception(() => Canary.OrSkip("iter/bpf_map_elem", LoadWalk))!;
        Assert.Equal(isKind ? typeof(SkipException) : typeof(BpfPermissionException), shown.GetType());
        Assert.NotEqual(0ul, inForce.Globals.Refusals);

        inForce.Dispose();
        Assert.Equal(0, Canary.Of("iter/bpf_map_elem").Try());
        LoadWalk().Dispose();
    }

    private static Walks LoadWalk()
    {
        Walks.Spec spec = Walks.Open();
        spec.Programs.Entries.Enabled = true;
        return spec.Load();
    }

    // Where this kernel refuses programs at functions: the test is skipped, and the library's own message says that it is the kind of program, not the program.
    [Fact]
    public void A_refused_kind_is_skipped_with_the_policy_as_the_reason()
    {
        int answer = Canary.Of(AnyFunction).Try();
        var code = new ProgramCode("smallest", BpfProgramType.Tracing, [Code.Move(0, 0), Code.Move(0, 0), Code.Exit()])
        {
            License = "Dual BSD/GPL",
            ExpectedAttachType = BpfAttachType.TraceFEntry,
            AttachBtfId = KernelTypes.Running.FunctionId("bpf_fentry_test1"),
        };
        ProgramLoader.Outcome outcome = ProgramLoader.Load(Kernel, code);
        if (answer == 0)
        {
            Assert.True(outcome.Result > 0, outcome.Log);
            Kernel.Close((int)outcome.Result);
            return;
        }

        Assert.Equal((-Errno.EPERM, (long)-Errno.EPERM), (answer, outcome.Result));
        var refused = Assert.IsType<BpfPermissionException>(VerifierFailure.Of(Kernel, code, outcome, linked: null, types: null, poisoned: []));
        Assert.Equal(BpfRefusal.KernelPolicy, refused.Refused);
        Assert.Contains("the smallest program of this kind is rejected too (Tracing, TraceFEntry)", refused.Message, StringComparison.Ordinal);
        var skip = Assert.Throws<SkipException>(() => Canary.OrSkip<int>(AnyFunction, () => throw refused));
        Assert.Contains("policy: this kernel refuses a fentry program", skip.Message, StringComparison.Ordinal);
    }
}
