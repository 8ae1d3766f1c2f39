using Hypermesh.Bpf.Monitoring.KernelCounters;

namespace Hypermesh.Bpf.Tests.Unit.Monitoring.KernelCounters;

public sealed class ProcFileTests
{
    [Fact]
    public void The_line_is_found()
    {
        Assert.True(ProcFile.TryFind("cpu  1 2\nintr 5 6\nctxt 18446744073709551615\nbtime 7\n"u8, "ctxt"u8, out ulong count));
        Assert.Equal(ulong.MaxValue, count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("cpu 1\nctxt 12")]
    [InlineData("cpu 1\nctxt \n")]
    [InlineData("cpu 1\nctxt x\n")]
    [InlineData("cpu 1\nxctxt 12\n")]
    [InlineData("cpu 1\nctxt 18446744073709551616\n")]
    public void An_incomplete_line_is_ignored(string text) => Assert.False(ProcFile.TryFind(System.Text.Encoding.ASCII.GetBytes(text), "ctxt"u8, out _));

    [Fact]
    public void A_name_that_begins_like_another_is_told_apart()
    {
        Assert.True(ProcFile.TryFind("softirqs 1\nsoftirq 25 3\nallocstall_dma:9\n"u8, "softirq"u8, out ulong count));
        Assert.Equal(25UL, count);
        Assert.True(ProcFile.TryFind("softirq 25 3\nallocstall_dma:9\n"u8, "allocstall_dma"u8, out count));
        Assert.Equal(9UL, count);
    }

    [Fact]
    public void A_file_longer_than_its_buffer_is_read_whole()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, new string('x', 100_000) + "\nlast 7\n");
            using var file = new ProcFile(path, expectedLength: 64);
            for (int i = 0; i < 2; i++)
            {
                Assert.True(ProcFile.TryFind(file.Read(), "last"u8, out ulong last));
                Assert.Equal(7UL, last);
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void Only_numbered_interrupts_are_added_up()
        => Assert.Equal(12UL, ProcStat.SumOfIrqs("cpu 1\nintr 100 0 5 7 0\nctxt 3\n"u8));
}
