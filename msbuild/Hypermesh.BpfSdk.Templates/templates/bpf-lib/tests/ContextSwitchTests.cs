using BPF_IDENTIFIER;

namespace BPF_IDENTIFIER.Tests;

public sealed class ContextSwitchTests
{
    // Reading the object requires no capability; only loading it does.
    [Fact]
    public void Each_CPU_counts_for_itself() => Assert.Equal(BpfMapType.PerCpuArray, Switches.Open().Maps.Switches.Type);

    [BpfFact(Capabilities = ["CAP_BPF", "CAP_PERFMON"])]
    public void Sleeping_switches()
    {
        using var switches = new ContextSwitches();
        ulong before = switches.Count;

        for (int i = 0; i < 10; i++)
        {
            Thread.Sleep(1);
        }

        // Each sleep is two switches; other tasks add more.
        Assert.True(switches.Count - before >= 20, $"{switches.Count - before} switches");
    }
}
