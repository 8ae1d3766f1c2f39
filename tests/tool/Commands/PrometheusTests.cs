using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Hypermesh.Bpf.Tests.Tool.Commands;

/// <summary><c>hmbpf serve</c> with Debian's Prometheus and node_exporter, all on loopback and ended by the test.</summary>
public sealed class PrometheusTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hmbpf-prometheus-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Promtool_finds_nothing_to_say()
    {
        string promtool = Started.Installed("promtool", "prometheus");
        Hmbpf.NeedsRoot();
        using Server server = await Server.StartAsync([]);
        string metrics = await server.Client.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
        using Process lint = Process.Start(new ProcessStartInfo(promtool, ["check", "metrics"]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        await lint.StandardInput.WriteAsync(metrics.AsMemory(), TestContext.Current.CancellationToken);
        lint.StandardInput.Close();
        string said = await lint.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken) + await lint.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await lint.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(lint.ExitCode == 0 && said.Length == 0, said);
    }

    [Fact]
    public async Task Prometheus_scrapes_it_beside_node_exporter_and_no_name_is_in_both()
    {
        string prometheus = Started.Installed("prometheus", "prometheus");
        string exporter = Started.Installed("prometheus-node-exporter", "prometheus-node-exporter");
        Hmbpf.NeedsRoot();
        using Server server = await Server.StartAsync([]);
        int nodePort = Started.FreePort();
        int port = Started.FreePort();
        using var node = new Started(exporter, [$"--web.listen-address=127.0.0.1:{nodePort}", $"--collector.textfile.directory={_folder}"]);
        string configuration = Path.Combine(_folder, "prometheus.yml");
        File.WriteAllText(configuration, $"""
            global:
              scrape_interval: 1s
            scrape_configs:
              - job_name: hmbpf
                static_configs:
                  - targets: ['{server.Client.BaseAddress!.Authority}']
              - job_name: node
                static_configs:
                  - targets: ['127.0.0.1:{nodePort}']

            """);
        using var scraper = new Started(prometheus, [$"--config.file={configuration}", $"--storage.tsdb.path={_folder}/data", $"--web.listen-address=127.0.0.1:{port}", "--log.level=warn"]);
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };

        // Two scrapes that worked of each, so that there is a rate.
        double[] up = await Started.UntilAsync(
            async () => await QueryAsync(client, "sum_over_time(up[1m]) >= 3") is { Length: 2 } both ? both : null,
            () => $"{scraper.Error}\n{node.Error}");
        Assert.Equal(2, up.Length);
        double[] switches = await Started.UntilAsync(async () => await QueryAsync(client, "sum(rate(hypermesh_cpu_context_switches_total[30s])) > 0"), () => scraper.Error);
        Assert.Single(switches);
        double[] median = await Started.UntilAsync(async () => await QueryAsync(client, "histogram_quantile(0.5, rate(hypermesh_cpu_runqueue_latency_seconds_bucket[30s])) > 0"), () => scraper.Error);
        Assert.InRange(median[0], 1e-9, 16);

        string[] ours = await NamesAsync(client, "hmbpf");
        string[] theirs = await NamesAsync(client, "node");
        Assert.NotEmpty(ours);
        Assert.NotEmpty(theirs);
        Assert.Empty(ours.Intersect(theirs));
        Assert.Equal(0, scraper.Terminate(TimeSpan.FromSeconds(30)));
        Assert.Equal(0, server.Terminate(TimeSpan.FromSeconds(20)));
    }

    // The values of a query; null where it has no result yet, or Prometheus does not answer yet.
    private static async Task<double[]?> QueryAsync(HttpClient client, string query)
    {
        using JsonDocument? answer = await AskAsync(client, "/api/v1/query?query=" + Uri.EscapeDataString(query));
        double[] values = answer is null ? [] : [.. answer.RootElement.GetProperty("data").GetProperty("result").EnumerateArray().Select(static one => double.Parse(one.GetProperty("value")[1].GetString()!, CultureInfo.InvariantCulture))];
        return values.Length == 0 ? null : values;
    }

    // What a job exports; "up" and the durations of scrapes are Prometheus's own.
    private static async Task<string[]> NamesAsync(HttpClient client, string job)
    {
        using JsonDocument? answer = await AskAsync(client, "/api/v1/label/__name__/values?match[]=" + Uri.EscapeDataString($"{{job=\"{job}\"}}"));
        return [.. answer!.RootElement.GetProperty("data").EnumerateArray().Select(static one => one.GetString()!).Where(static name => name != "up" && !name.StartsWith("scrape_", StringComparison.Ordinal))];
    }

    private static async Task<JsonDocument?> AskAsync(HttpClient client, string path)
    {
        try
        {
            return JsonDocument.Parse(await client.GetStringAsync(path));
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }
}
