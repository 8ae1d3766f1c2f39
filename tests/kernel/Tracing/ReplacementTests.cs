namespace Hypermesh.Bpf.Tests.Kernel.Tracing;

/// <summary>Programs in the place of functions of other programs.</summary>
public sealed class ReplacementTests : TracingTest
{
    [Fact]
    [Row("sections", "freplace")]
    [Row("links", "freplace (EXT) on a target program")]
    public void AFunctionIsReplacedAndComesBack()
    {
        Replaced.Spec target = Replaced.Open();
        target.Programs.Asks.Enabled = true;
        Replaced asked = Own(target.Load());
        Assert.Equal(21, Ask(asked.Programs.Asks));

        Replaced.Spec spec = Replaced.Open();
        spec.Programs.Replaces.Enabled = true;
        spec.Programs.Replaces.SetTarget(asked.Programs.Asks);
        Replaced replacing = OrSkipWhereTrampolinesAreRefused(() =>
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
    public void AReplacementWithoutATargetIsTold()
    {
        Replaced.Spec spec = Replaced.Open();
        spec.Programs.Replaces.Enabled = true;

        BpfException refusal = Assert.Throws<BpfException>(() => spec.Load());

        Assert.Contains("replaces of replaced", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("SetTarget", refusal.Message, StringComparison.Ordinal);
    }

    private static unsafe int Ask(BpfProgram program)
    {
        Span<byte> packet = stackalloc byte[64];
        fixed (byte* start = packet)
        {
            using HandleUse use = program.Loaded.Use();
            ProgramTestAttr attributes = default;
            attributes.ProgFd = (uint)use.Descriptor;
            attributes.DataIn = (ulong)start;
            attributes.DataSizeIn = (uint)packet.Length;
            Assert.Equal(0, Kernel.Bpf(BpfCommand.ProgramTestRun, &attributes, (uint)sizeof(ProgramTestAttr)));
            return (int)attributes.Retval;
        }
    }
}
