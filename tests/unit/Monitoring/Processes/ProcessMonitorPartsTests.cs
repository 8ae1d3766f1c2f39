using Hypermesh.Bpf.Monitoring;
using Hypermesh.Bpf.Monitoring.KernelCounters;
using Hypermesh.Bpf.Monitoring.Processes;

namespace Hypermesh.Bpf.Tests.Unit.Monitoring.Processes;

public sealed class ProcessMonitorPartsTests
{
    [Theory]
    [InlineData("0.52 0.58 0.59 3/1234 56789\n", true, 1234)]
    [InlineData("0.00 0.00 0.00 1/7 8", true, 7)]
    [InlineData("0.00 0.00 0.00 1 8", false, 0)]
    [InlineData("0.00 0.00 0.00 1/x 8", false, 0)]
    [InlineData("", false, 0)]
    public void The_number_of_tasks_is_the_fourth_field_of_loadavg(string text, bool isFound, ulong tasks)
    {
        Assert.Equal(isFound, TaskCounts.TryParseExisting(System.Text.Encoding.UTF8.GetBytes(text), out ulong existing));
        Assert.Equal(tasks, existing);
    }

    [Theory]
    [InlineData("", new string[0])]
    [InlineData("a\0", new[] { "a" })]
    [InlineData("a\0b c\0\0", new[] { "a", "b c", "" })]
    [InlineData("a\0cut", new[] { "a", "cut" })]
    public void Arguments_end_with_a_zero_byte(string text, string[] arguments)
        => Assert.Equal(arguments, ProcessEvent.Split(System.Text.Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Ends_are_at_least_the_releases_that_were_not_waiting_at_the_start()
    {
        var watch = new ReleaseWatch();
        watch.Start(At(created: 1000, existing: 100), exiting: 3);

        // Three were waiting, so of five releases two ended since.
        Assert.Equal((2UL, 107UL), watch.Take(At(created: 1007, existing: 102), ended: 2));

        // Two more ended than were released.
        Assert.Equal((0UL, 105UL), watch.Take(At(created: 1007, existing: 102), ended: 2));
        Assert.Equal((0UL, 103UL), watch.Take(At(created: 1007, existing: 100), ended: 0));
    }

    [Fact]
    public void Ends_that_were_missed_are_reported_once()
    {
        var watch = new ReleaseWatch();
        watch.Start(At(created: 1000, existing: 100), exiting: 0);
        Assert.Equal(10UL, watch.Take(At(created: 1010, existing: 100), ended: 0).Low);
        Assert.Equal(0UL, watch.Take(At(created: 1010, existing: 100), ended: 0).Low);
        Assert.Equal(5UL, watch.Take(At(created: 1015, existing: 100), ended: 5).Low);
    }

    [Fact]
    public void A_release_is_overdue_to_be_freed_after_a_second()
    {
        var watch = new ReleaseWatch();
        watch.Start(At(created: 1000, existing: 100), exiting: 0);
        for (int second = 1; second <= 2; second++)
        {
            watch.Take(At(created: 1010, existing: 100, second), ended: 10);
            Assert.Equal(0UL, watch.OverdueFrees);
        }

        watch.Take(At(created: 1010, existing: 100, second: 3), ended: 0);
        Assert.Equal(10UL, watch.OverdueFrees);
    }

    private static ProcessSnapshot At(ulong created, ulong existing, long second = 0) => new()
    {
        CreatedLow = created, CreatedHigh = created, ExistingBefore = existing, ExistingAfter = existing, TimeNs = second * 1_000_000_000,
    };
}
