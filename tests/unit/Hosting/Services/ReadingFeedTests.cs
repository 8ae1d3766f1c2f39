using Hypermesh.Bpf.Hosting;
using Hypermesh.Bpf.Hosting.Services;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hypermesh.Bpf.Tests.Unit.Hosting.Services;

public sealed class ReadingFeedTests : IDisposable
{
    private readonly MonitoringService _monitoring = new(new HypermeshMonitoringOptions { EventClients = 2 }, TimeProvider.System, NullLogger<MonitoringService>.Instance);

    public void Dispose() => _monitoring.Dispose();

    [Fact]
    public async Task A_client_that_does_not_keep_up_loses_the_older_readings_and_knows_how_many()
    {
        using ReadingFeed.Client client = new ReadingFeed(_monitoring).TryAdd()!;
        for (byte i = 1; i <= 5; i++)
        {
            client.Offer([i]);
        }

        Assert.Equal(new byte[] { 4 }, await client.NextAsync(TestContext.Current.CancellationToken));
        Assert.Equal((3, 0), (client.TakeLost(), client.TakeLost()));
        Assert.Equal(new byte[] { 5 }, await client.NextAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public void The_place_of_a_client_that_left_is_free_again()
    {
        var feed = new ReadingFeed(_monitoring);
        ReadingFeed.Client? first = feed.TryAdd();
        ReadingFeed.Client? second = feed.TryAdd();

        Assert.NotNull(first);
        Assert.NotNull(second);
        Assert.Null(feed.TryAdd());
        first.Dispose();
        Assert.NotNull(feed.TryAdd());
    }
}
