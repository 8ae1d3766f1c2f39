using System.Diagnostics;
using System.Globalization;
using System.Net;
using Hypermesh.Bpf.Hosting;
using Hypermesh.Bpf.Monitoring;
using Hypermesh.Bpf.Monitoring.Series;
using Hypermesh.Bpf.Tests.Unit.Monitoring.Writers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace Hypermesh.Bpf.Tests.Unit.Hosting;

/// <summary>The endpoints of an application, over loopback.</summary>
public sealed class ScrapeTests
{
    private static readonly TimeSpan s_allowed = TimeSpan.FromMilliseconds(20);

    [Fact]
    public async Task Ten_thousand_series_are_sent_within_twenty_milliseconds()
    {
        MetricStore store = PrometheusWriterTests.Full(MetricStore.HighestLimit);
        await using WebApplication application = await StartAsync(store);
        using var client = new HttpClient { BaseAddress = new Uri(application.Urls.First()) };
        var times = new List<TimeSpan>();
        int length = 0;
        for (int i = 0; i < 200 && (i < 30 || times.Min() > s_allowed); i++)
        {
            long began = Stopwatch.GetTimestamp();
            byte[] text = await client.GetByteArrayAsync("/metrics", TestContext.Current.CancellationToken);
            times.Add(Stopwatch.GetElapsedTime(began));
            length = text.Length;
        }

        times.Sort();
        TestContext.Current.SendDiagnosticMessage(string.Create(
            CultureInfo.InvariantCulture, $"{store.Active} series, {length} bytes: best {times[0].TotalMilliseconds:F1} ms, median {times[times.Count / 2].TotalMilliseconds:F1} ms of {times.Count}"));

        // The machine may do something else meanwhile; the first scrapes are compiled too.
        Assert.True(times[0] <= s_allowed, $"{times[0].TotalMilliseconds} ms");
    }

    [Fact]
    public async Task Before_the_first_reading_it_is_unhealthy_and_the_metrics_answer()
    {
        await using WebApplication application = await StartAsync(new MetricStore());
        using var client = new HttpClient { BaseAddress = new Uri(application.Urls.First()) };
        using HttpResponseMessage health = await client.GetAsync("/healthz", TestContext.Current.CancellationToken);

        // No monitor runs in this set, and its first reading is an hour away.
        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.StatusCode);
        Assert.StartsWith("Unhealthy\n", await health.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Contains("\nhypermesh_series_limit 500\n", await client.GetStringAsync("/metrics", TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    private static async Task<WebApplication> StartAsync(MetricStore store)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddHypermeshMonitoring(new HypermeshMonitoringOptions { Period = TimeSpan.FromHours(1), Start = options => new MonitorSet([], store, options) });
        WebApplication application = builder.Build();
        application.MapHypermeshMetrics();
        application.MapHypermeshHealth();
        await application.StartAsync(TestContext.Current.CancellationToken);
        return application;
    }
}
