using Hypermesh.Bpf.Objects;

namespace Hypermesh.Bpf.Tests.Kernel.Loading;

/// <summary>What the kernel refuses is said with the program, the C line and the reason, and leaves nothing behind.</summary>
public sealed class RefusedTests : KernelTest
{
    [Fact]
    public void AVerifierRefusalNamesTheLine()
    {
        BpfVerifierException refusal = Assert.Throws<BpfVerifierException>(() => Only(spec => spec.Programs.Unchecked).Load());

        Assert.Equal(26, refusal.SourceLine);
        Assert.EndsWith("refused.bpf.c", refusal.SourceFile, StringComparison.Ordinal);
        Assert.Contains("map_value_or_null", refusal.Reason, StringComparison.Ordinal);
        Assert.Contains("processed", refusal.Log, StringComparison.Ordinal);
        Assert.Contains("unchecked", refusal.Message, StringComparison.Ordinal);
        Assert.Equal("unchecked", refusal.SubjectName);
        Assert.Equal("refused", refusal.ObjectName);
    }

    [Fact]
    public void AFieldTheKernelLacksIsNamed()
    {
        BpfVerifierException refusal = Assert.Throws<BpfVerifierException>(() => Only(spec => spec.Programs.MissingField).Load());

        Assert.Equal(34, refusal.SourceLine);
        Assert.Contains("struct task_struct.no_such_field", refusal.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void ATargetTheKernelLacksIsNamed()
    {
        BpfFeatureNotSupportedException refusal = Assert.Throws<BpfFeatureNotSupportedException>(() => Only(spec => spec.Programs.MissingTarget).Load());

        Assert.Contains("tracepoint no_such_tracepoint", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("missing_target", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AMapThatWasLeftOutIsNamedByTheProgramThatReachesForIt()
    {
        Refused.Spec spec = Only(spec => spec.Programs.Unchecked);
        spec.Maps.Counts.Enabled = false;

        BpfVerifierException refusal = Assert.Throws<BpfVerifierException>(() => spec.Load());

        Assert.Contains("map counts", refusal.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void AnOptionalProgramIsLeftOutWithTheReason()
    {
        Refused.Spec spec = Refused.Open();
        spec.Programs.Unchecked.Enabled = true;
        spec.Programs.Unchecked.Optional = true;

        Refused live = Own(spec.Load());

        BpfRefusedProgram refused = Assert.Single(live.Refused);
        Assert.Equal("unchecked", refused.Name);
        Assert.IsType<BpfVerifierException>(refused.Reason);
        Assert.True(live.Programs.Good.IsLoaded);
        BpfException reason = Assert.Throws<BpfException>(() => live.Programs.Unchecked.Attach());
        Assert.Contains("optional", reason.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AttachIsAllOrNothing()
    {
        Refused.Spec spec = Refused.Open();
        spec.Programs.MissingAtAttach.Enabled = true;
        Refused live = Own(spec.Load());

        BpfException reason = Assert.ThrowsAny<BpfException>(live.Attach);

        Assert.Contains("missing_at_attach", reason.Message, StringComparison.Ordinal);
        Assert.Empty(live.Live.Links);
    }

    private static Refused.Spec Only(Func<Refused.Spec, ProgramSpec> choose)
    {
        Refused.Spec spec = Refused.Open();
        foreach (ProgramSpec program in spec.Object.Programs)
        {
            program.Enabled = false;
        }

        choose(spec).Enabled = true;
        return spec;
    }
}
