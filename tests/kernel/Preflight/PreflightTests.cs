namespace Hypermesh.Bpf.Tests.Kernel.Preflight;

/// <summary>What a machine lacks is told at once, and what it has is not.</summary>
public sealed class PreflightTests : KernelTest
{
    [Fact]
    public void All_that_is_missing_is_reported_at_once()
    {
        BpfPreflight found = Lacking.Open().Preflight();

        Assert.False(found.IsReady);
        Assert.Equal(
            ["Kernel function hypermesh_missing for hypermesh_missing", "Kernel option CONFIG_HYPERMESH_MISSING for CONFIG_HYPERMESH_MISSING", "Target hypermesh_missing for nowhere"],
            found.Missing.Select(static one => $"{one.Subject} for {one.NeededBy}").Order(StringComparer.Ordinal));
        Assert.All(found.Missing, static one => Assert.Equal(BpfFeatureState.Absent, one.State));
        Assert.StartsWith("lacking: 3 missing\n  Kernel function hypermesh_missing (for hypermesh_missing): absent, ", found.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void For_an_object_that_loads_nothing_is_missing()
    {
        Privileged.Spec spec = Privileged.Open();
        spec.Programs.Raw.Enabled = true;
        spec.Load().Dispose();

        BpfPreflight found = spec.Preflight();

        Assert.True(found.IsReady, found.ToString());
        Assert.Equal("privileged: nothing is missing", found.ToString());
    }

    [Fact]
    public void A_missing_hook_is_reported_unless_its_program_is_disabled()
    {
        Probes.Spec spec = Probes.Open();
        spec.Programs.FunctionEntry.Enabled = true;
        Exception? refusal = Record.Exception(() => spec.Load().Dispose());

        BpfPreflight found = spec.Preflight();
        spec.Programs.FunctionEntry.Enabled = false;

        // Functions are refused on the machine whose policy that is, which only loading shows; what loads must not be told.
        Assert.True(found.IsReady || refusal is not null, found.ToString());
        Assert.True(spec.Preflight().IsReady);
    }

    [Fact]
    public void Without_capabilities_they_are_what_is_missing() => LimitedThread.Run(Capabilities.None, asNobody: false, static () =>
    {
        Privileged.Spec spec = Privileged.Open();
        spec.Programs.Raw.Enabled = true;

        BpfPreflightFinding found = Assert.Single(spec.Preflight().Missing);

        Assert.Equal(("Capabilities", BpfFeatureState.Refused), (found.Subject, found.State));
        Assert.Contains("CAP_BPF, CAP_PERFMON", found.Detail, StringComparison.Ordinal);
    });
}
