namespace Hypermesh.Bpf.Tests.Kernel.PerCpuValues;

/// <summary>The kernel's list of possible CPUs.</summary>
public sealed class PossibleCpusTests : KernelTest
{
    [Fact]
    public void Possible_CPUs_are_those_of_the_kernel()
    {
        int online = Directory.GetDirectories("/sys/devices/system/cpu", "cpu*").Count(path => int.TryParse(Path.GetFileName(path)[3..], out _));
        Assert.True(PossibleCpus.Current.Count >= online);
        Assert.Equal(0, PossibleCpus.Current.Numbers[0]);
    }
}
