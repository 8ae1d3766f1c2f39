using Hypermesh.Bpf.Monitoring.KernelCounters;

namespace Hypermesh.Bpf.Tests.Unit.Monitoring.KernelCounters;

public sealed class SwitchCountTests
{
    [Fact]
    public void The_line_is_found()
    {
        Assert.True(SwitchCount.TryFind("cpu  1 2\nintr 5 6\nctxt 18446744073709551615\nbtime 7\n"u8, out ulong count));
        Assert.Equal(ulong.MaxValue, count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("cpu 1\nctxt 12")]
    [InlineData("cpu 1\nctxt \n")]
    [InlineData("cpu 1\nctxt x\n")]
    [InlineData("cpu 1\nxctxt 12\n")]
    [InlineData("cpu 1\nctxt 18446744073709551616\n")]
    public void An_incomplete_line_is_ignored(string text) => Assert.False(SwitchCount.TryFind(System.Text.Encoding.ASCII.GetBytes(text), out _));
}
