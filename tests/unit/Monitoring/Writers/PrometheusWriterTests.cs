using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Hypermesh.Bpf.Monitoring;
using Hypermesh.Bpf.Monitoring.Figures;
using Hypermesh.Bpf.Monitoring.Series;
using Hypermesh.Bpf.Monitoring.Writers;

namespace Hypermesh.Bpf.Tests.Unit.Monitoring.Writers;

public sealed class PrometheusWriterTests
{
    [Fact]
    public void A_counter_has_its_help_its_type_and_its_labels()
    {
        string text = Write(static sink => sink.Add(MetricTable.DiskBytes, 4096, new MetricLabels("vda", "read")));

        Assert.Contains(
            """
            # HELP hypermesh_system_disk_io_bytes_total Bytes of completed requests.
            # TYPE hypermesh_system_disk_io_bytes_total counter
            hypermesh_system_disk_io_bytes_total{system_device="vda",disk_io_direction="read"} 4096

            """,
            text,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_histogram_has_all_its_bounds_with_the_counts_up_to_each()
    {
        Exp2Histogram histogram = Exp2Histogram.OfTimes(40);
        var slots = new ulong[40];
        (slots[10], slots[31], slots[39]) = (3, 2, 1);
        histogram.Add(new ulong[40], 0, slots, 2_500_000_000);

        string[] lines = Write(sink => sink.Add(MetricTable.RunQueueLatency, histogram), MetricStore.HighestLimit).Split('\n').Where(static line => line.StartsWith("hypermesh_cpu_runqueue_latency_seconds", StringComparison.Ordinal)).ToArray();

        // 2^-20 s to 2^4 s, the infinite bound, sum and count.
        Assert.Equal(25 + 3, lines.Length);
        Assert.Equal("hypermesh_cpu_runqueue_latency_seconds_bucket{le=\"9.5367431640625e-07\"} 3", lines[0]);
        Assert.Contains("hypermesh_cpu_runqueue_latency_seconds_bucket{le=\"1\"} 3", lines);
        Assert.Contains("hypermesh_cpu_runqueue_latency_seconds_bucket{le=\"2\"} 5", lines);
        Assert.Contains("hypermesh_cpu_runqueue_latency_seconds_bucket{le=\"16\"} 5", lines);
        Assert.Equal(["hypermesh_cpu_runqueue_latency_seconds_bucket{le=\"+Inf\"} 6", "hypermesh_cpu_runqueue_latency_seconds_sum 2.5", "hypermesh_cpu_runqueue_latency_seconds_count 6"], lines[^3..]);
    }

    [Fact]
    public void With_few_series_a_histogram_has_every_second_bound_and_counts_as_exactly()
    {
        Exp2Histogram histogram = Exp2Histogram.OfTimes(40);
        var slots = new ulong[40];
        (slots[10], slots[31], slots[39]) = (3, 2, 1);
        histogram.Add(new ulong[40], 0, slots, 2_500_000_000);

        string[] lines = Write(sink => sink.Add(MetricTable.RunQueueLatency, histogram)).Split('\n').Where(static line => line.StartsWith("hypermesh_cpu_runqueue_latency_seconds", StringComparison.Ordinal)).ToArray();

        Assert.Equal(13 + 3, lines.Length);
        Assert.Equal("hypermesh_cpu_runqueue_latency_seconds_bucket{le=\"9.5367431640625e-07\"} 3", lines[0]);
        Assert.DoesNotContain(lines, static line => line.Contains("le=\"2\"", StringComparison.Ordinal));
        Assert.Contains("hypermesh_cpu_runqueue_latency_seconds_bucket{le=\"4\"} 5", lines);
        Assert.Equal("hypermesh_cpu_runqueue_latency_seconds_bucket{le=\"+Inf\"} 6", lines[^3]);
    }

    [Theory]
    [InlineData("a\"b\\c\nd", "a\\\"b\\\\c\\nd")]
    [InlineData("tab\tcr\rbell\a", "tab\tcr\rbell\a")]
    [InlineData("nul\0", "nul�")]
    [InlineData("half SURROGATE", "half �")]
    [InlineData("ä→𝄞", "ä→𝄞")]
    public void A_label_may_have_any_characters(string label, string written)
        => Assert.Contains($"hypermesh_network_drops_total{{hypermesh_reason=\"{written}\"}} 1\n", Write(sink => sink.Add(MetricTable.NetworkDrops, 1, new MetricLabels(label.Replace("SURROGATE", "\ud800", StringComparison.Ordinal)))), StringComparison.Ordinal);

    [Theory]
    [InlineData(0, "0")]
    [InlineData(1e14, "100000000000000")]
    [InlineData(1.5e-9, "1.5e-09")]
    [InlineData(1e300, "1e+300")]
    [InlineData(0.1, "0.1")]
    public void A_number_can_be_read_back_and_has_a_small_e(double value, string written)
    {
        string line = Write(sink => sink.Set(MetricTable.GpuPower, value, new MetricLabels("0"))).Split('\n').Single(static line => line.StartsWith("hypermesh_hw_power_watts{", StringComparison.Ordinal));

        string number = line[(line.LastIndexOf(' ') + 1)..];
        Assert.Equal(value, double.Parse(number, CultureInfo.InvariantCulture));
        Assert.DoesNotContain('E', number);
        Assert.Equal(double.Parse(written, CultureInfo.InvariantCulture), double.Parse(number, CultureInfo.InvariantCulture));
    }

    [Fact]
    public void Ten_thousand_series_are_written_without_an_allocation()
    {
        MetricStore store = Full(MetricStore.HighestLimit);
        Assert.True(store.Active > MetricStore.HighestLimit * 95 / 100, $"{store.Active} series");
        var writer = new PrometheusWriter();
        var output = new ArrayBufferWriter<byte>(4 * 1024 * 1024);
        writer.Write(store, output);

        // A collection that other tests cause frees what is pooled, which is then allocated once more: what the writer needs itself it would need each time.
        long least = long.MaxValue;
        for (int i = 0; i < 5 && least > 0; i++)
        {
            output.ResetWrittenCount();
            long before = GC.GetAllocatedBytesForCurrentThread();
            writer.Write(store, output);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
        Assert.Equal(store.Active, Encoding.UTF8.GetString(output.WrittenSpan).Split('\n').Count(static line => line.Length > 0 && line[0] != '#'));
    }

    [Fact]
    public void Every_metric_passes_the_lint_of_promtool()
    {
        string? promtool = Array.Find(["/usr/bin/promtool", "/usr/local/bin/promtool"], File.Exists);
        Assert.SkipWhen(promtool is null, "promtool is not installed (Debian's package prometheus)");
        var store = new MetricStore(MetricStore.HighestLimit);
        Fill(store, 1, static _ => "a \"label\"\\\n with any bytes");

        var start = new ProcessStartInfo(promtool, ["check", "metrics"]) { RedirectStandardInput = true, RedirectStandardError = true, RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        process.StandardInput.Write(Text(store));
        process.StandardInput.Close();
        string said = process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0 && said.Length == 0, said);
    }

    /// <summary>A store with as many series as fit.</summary>
    internal static MetricStore Full(int limit)
    {
        var store = new MetricStore(limit);
        Fill(store, limit / 10, static i => $"/system.slice/service-{i}.service");
        return store;
    }

    internal static void Fill(MetricStore store, int points, Func<int, string> label)
    {
        Exp2Histogram histogram = Exp2Histogram.OfTimes(40);
        var slots = new ulong[40];
        (slots[12], slots[20]) = (1000, 10);
        histogram.Add(new ulong[40], 0, slots, 1_234_567);
        lock (store.Gate)
        {
            store.Begin(DateTimeOffset.UnixEpoch.AddYears(56));
            for (int i = 0; i < points; i++)
            {
                foreach (Metric metric in MetricTable.All)
                {
                    var labels = new MetricLabels(label(i), "b", "c");
                    if (!metric.Name.StartsWith("hypermesh.series.", StringComparison.Ordinal) && (i == 0 || metric.Attributes.Length > 0))
                    {
                        Report(store, metric, labels, histogram, i);
                    }
                }
            }

            store.End();
        }
    }

    private static void Report(IFigureSink sink, Metric metric, in MetricLabels given, Exp2Histogram histogram, int i)
    {
        MetricLabels labels = metric.Attributes.Length switch { 0 => default, 1 => new MetricLabels(given.First), 2 => new MetricLabels(given.First, given.Second), _ => given };
        switch (metric.Kind)
        {
            case MetricKind.Counter: sink.Add(metric, i + 0.5, labels); break;
            case MetricKind.Gauge: sink.Set(metric, i + 0.25, labels); break;
            default: sink.Add(metric, histogram, labels); break;
        }
    }

    private static string Write(Action<IFigureSink> report, int limit = MetricStore.DefaultLimit)
    {
        var store = new MetricStore(limit);
        lock (store.Gate)
        {
            store.Begin(DateTimeOffset.UtcNow);
            report(store);
            store.End();
        }

        return Text(store);
    }

    private static string Text(MetricStore store)
    {
        var output = new ArrayBufferWriter<byte>();
        new PrometheusWriter().Write(store, output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
