using Hypermesh.Bpf.Monitoring;

namespace Hypermesh.Bpf.Tests.Unit.Monitoring;

public sealed class CpuReadingTests
{
    private static readonly Cpu.CpuCounters s_from = new() { Voluntary = 10, Involuntary = 20, Missed = 1 };
    private static readonly Cpu.CpuCounters s_to = new() { Voluntary = 13, Involuntary = 25, Missed = 3 };

    [Theory]
    [InlineData(8UL, 0UL)]
    [InlineData(11UL, 3UL)]
    [InlineData(7UL, 0UL)]
    [InlineData(null, 0UL)]
    public void What_the_kernel_numbered_and_the_program_did_not_see_is_unseen(ulong? numbered, ulong unseen)
    {
        var figures = new CpuFigures(0);
        figures.Add(s_from, s_to, numbered);
        Assert.Equal((3UL, 5UL, 2UL, unseen, 8 + unseen), (figures.Voluntary, figures.Involuntary, figures.Missed, figures.Unseen, figures.Switches));
    }

    [Theory]
    [InlineData(8UL, 8UL, 0)]
    [InlineData(7UL, 9UL, 0)]
    [InlineData(10UL, 12UL, -2)]
    [InlineData(1UL, 5UL, 3)]
    public void The_error_is_the_distance_to_the_kernels_figures(ulong low, ulong high, long error)
    {
        var reading = new CpuReading([0]) { CtxtLow = low, CtxtHigh = high };
        reading.Total.Add(s_from, s_to, 8);
        Assert.Equal(error, reading.Error);
        Assert.Equal(error == 0, reading.Agrees);
    }

    [Fact]
    public void A_cleared_reading_begins_anew()
    {
        var reading = new CpuReading([0, 4]);
        Assert.Equal([0, 4], reading.Cpus.Select(cpu => cpu.Number));
        reading.At(1).Add(s_from, s_to, null);
        reading.Total.Add(s_from, s_to, null);
        reading.Clear();
        Assert.Equal(0UL, reading.Total.Switches + reading.Cpus[1].Switches + reading.Cpus[1].Missed);
    }
}
