namespace Hypermesh.Bpf.Tests.Kernel.Hooks.Tracing;

/// <summary>Programs in the place of functions of other programs.</summary>
public sealed class ReplacementTests : TracingTest
{
    [Fact]
    [Row("sections", "freplace")]
    [Row("links", "freplace (EXT) on a target program")]
    public void A_function_is_replaced_and_comes_back()
    {
        Replaced.Spec target = Replaced.Open();
        target.Programs.Asks.Enabled = true;
        Replaced asked = Own(target.Load());
        Assert.Equal(21, Ask(asked.Programs.Asks));

        Replaced.Spec spec = Replaced.Open();
        spec.Programs.Replaces.Enabled = true;
        spec.Programs.Replaces.SetTarget(asked.Programs.Asks);
        Replaced replacing = OrSkipWhereRefused(spec.Programs.Replaces, () =>
        {
            Replaced loaded = Own(spec.Load());
            loaded.Attach();
            return loaded;
        });

        Assert.Equal(27, Ask(asked.Programs.Asks));
        Assert.Single(replacing.Live.Links).Dispose();
        Assert.Equal(21, Ask(asked.Programs.Asks));
        replacing.Programs.Replaces.Attach(asked.Programs.Asks, "other_answer");
        Assert.Equal(71, Ask(asked.Programs.Asks));
    }

    [Fact]
    public void A_replacement_without_a_target_is_reported()
    {
        Replaced.Spec spec = Replaced.Open();
        spec.Programs.Replaces.Enabled = true;

        BpfException refusal = Assert.Throws<BpfException>(() => spec.Load());

        Assert.Contains("replaces of replaced", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("SetTarget", refusal.Message, StringComparison.Ordinal);
    }

    private static int Ask(BpfProgram program)
    {
        (long answer, int result) = EmptyPacket.Run(program);
        Assert.Equal(0, answer);
        return result;
    }
}
