using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Hypermesh.Bpf.Tests.Tool.Serving;

/// <summary>The page in Chromium: what a person reads on it.</summary>
public sealed partial class PageTests
{
    // Each has something to count while the stimulus goes on.
    private static readonly string[] s_caused =
    [
        "hypermesh.cpu.context_switches", "hypermesh.cpu.task.time", "system.network.io", "system.network.packet.count", "hypermesh.process.execs", "system.process.created", "hypermesh.file.operations",
    ];

    /// <summary>All that the page shows, at one moment; the script of the page does not run meanwhile.</summary>
    private const string Shown = """
        JSON.stringify({
          sequence: Number(document.body.dataset.sequence ?? 0),
          cpu: document.querySelector('#busiest-cpu .name')?.textContent ?? '',
          share: document.querySelector('#busiest-cpu .value')?.textContent ?? '',
          trust: document.querySelector('#trust')?.textContent ?? '',
          monitors: Object.fromEntries([...document.querySelectorAll('[data-monitor]')].map(monitor => [monitor.dataset.monitor,
            Object.fromEntries([...monitor.querySelectorAll('[data-figure]')].map(figure => [figure.dataset.figure, figure.querySelector('.value').textContent]))])),
        })
        """;

    /// <summary>Figures are read from the page and compared with those of the same reading, which this test gets from the server's stream of events.</summary>
    [Fact]
    public async Task The_figures_on_the_page_are_those_of_the_same_reading_as_JSON()
    {
        Started.Installed("chromium", "chromium");
        Hmbpf.NeedsRoot();
        using Server server = await Server.StartAsync([]);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        var readings = new ConcurrentDictionary<long, JsonElement>();
        Task receiving = ReceiveAsync(server, readings, stop.Token);
        using var programs = new Started("sh", ["-c", "while :; do /bin/true; done"]);
        Task sending = Task.Run(() => Send(stop.Token), CancellationToken.None);
        try
        {
            using Browser browser = await Browser.OpenAsync(server.Client.BaseAddress!.ToString());
            var compared = new HashSet<long>();
            int figures = 0;
            while (compared.Count < 3)
            {
                string text = await browser.TextAsync(Shown, "\"sequence\":[1-9].*\"hypermesh.process.execs\"");
                JsonElement page = JsonDocument.Parse(text).RootElement;
                long sequence = page.GetProperty("sequence").GetInt64();
                var reading = (JsonElement)await Started.UntilAsync(() => Task.FromResult(readings.TryGetValue(sequence, out JsonElement one) ? (object)one : null), () => $"reading {sequence} was not received");
                if (compared.Add(sequence))
                {
                    figures += Compare(page, reading);
                }

                await Task.Delay(200, TestContext.Current.CancellationToken);
            }

            Assert.True(figures >= 3 * s_caused.Length, $"{figures} figures above zero were compared");
            Assert.Empty(browser.Errors);
        }
        finally
        {
            await stop.CancelAsync();
            await sending;
            await receiving.ContinueWith(static _ => { }, TaskScheduler.Default);
        }
    }

    [Fact]
    public async Task A_browser_shows_the_busiest_CPU_and_process_with_how_far_to_trust_them()
    {
        Started.Installed("chromium", "chromium");
        Hmbpf.NeedsRoot();
        using Server server = await Server.StartAsync([]);

        // Something that is the busiest process.
        using var busy = new Started("sh", ["-c", "while :; do :; done"]);
        using Browser browser = await Browser.OpenAsync(server.Client.BaseAddress!.ToString());

        await browser.TextAsync("document.querySelector('#busiest-cpu .name')?.textContent", "^CPU [0-9]+$");
        await browser.TextAsync("document.querySelector('#busiest-cpu .value')?.textContent", "^[0-9.]+ %$");
        await browser.TextAsync("document.querySelector('#busiest-cpu .why')?.textContent", "^error [0-9.]+ % against .*(lost|nothing lost)");
        await browser.TextAsync("document.querySelector('#busiest-process .name')?.textContent", $@"^.+ \([0-9]+\)$");
        await browser.TextAsync("document.querySelector('#busiest-process .value')?.textContent", "^[1-9][0-9]+[.][0-9] %$");
        await browser.TextAsync("document.querySelector('#busiest-disk .name')?.textContent", ".");
        await browser.TextAsync("document.querySelector('#trust')?.textContent", "monitors ok.*loss [0-9]+.*error .*blind [0-9]+");
        await browser.TextAsync("document.querySelector('[data-monitor=cpu]')?.dataset.condition", "^(ok|degraded)$");
        await browser.TextAsync("document.querySelector('[data-monitor=cpu] [data-figure=\"hypermesh.cpu.context_switches\"] .value')?.textContent", "^[0-9.]+ k?/s$");
        await browser.TextAsync("document.querySelector('[data-monitor=cpu] [data-figure=\"hypermesh.cpu.runqueue.latency\"] .value')?.textContent", "^p50 ≤ [0-9.e-]+ [mµn]?s, p99 ≤ [0-9.e-]+ [mµn]?s$");
        await browser.TextAsync("document.querySelector('[data-monitor=cpu] .facts')?.textContent", "hooks: [0-9]+ fired.*loss [0-9]+.*error ");
        await browser.TextAsync("document.querySelector('#age')?.textContent", "^live$");

        // Drawn: a heat map and a line have coloured points.
        await browser.TextAsync("[...document.querySelectorAll('[data-monitor=cpu] canvas')].every(canvas => canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some(byte => byte > 0))", "^true$");
        await browser.TextAsync("(document.querySelector('[data-monitor=cpu] details').open = true, document.querySelectorAll('[data-monitor=cpu] tbody tr').length)", "^[1-9]");
        if (Environment.GetEnvironmentVariable("HYPERMESH_SCREENSHOT") is { Length: > 0 } path)
        {
            await Task.Delay(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
            await browser.ScreenshotAsync(path);
        }

        Assert.Equal(0, server.Terminate(TimeSpan.FromSeconds(20)));
        await browser.TextAsync("document.querySelector('#age')?.textContent", "^no reading for [0-9]+ s$");
        Assert.DoesNotContain(browser.Errors, static error => !error.Contains("ERR_CONNECTION", StringComparison.Ordinal) && !error.Contains("ERR_INCOMPLETE_CHUNKED_ENCODING", StringComparison.Ordinal));
    }

    /// <summary>Compares all counters, and what was derived from the reading. Returns the number of counters above zero.</summary>
    private static int Compare(JsonElement page, JsonElement reading)
    {
        int moved = 0;
        var caused = new HashSet<string>(StringComparer.Ordinal);
        foreach (JsonElement monitor in reading.GetProperty("monitors").EnumerateArray().Where(static monitor => monitor.TryGetProperty("endNs", out _)))
        {
            double seconds = Seconds(monitor);
            foreach (JsonProperty figure in monitor.GetProperty("figures").EnumerateObject().Where(static figure => figure.Value.GetProperty("kind").GetString() == "counter" && !Trust().IsMatch(figure.Name)))
            {
                string shown = page.GetProperty("monitors").GetProperty(monitor.GetProperty("name").GetString()!).GetProperty(figure.Name).GetString()!;
                double rate = figure.Value.GetProperty("points").EnumerateArray().Sum(static point => point.GetProperty("value").GetDouble()) / seconds;

                // Seconds of waiting in a second: so many tasks waited on average.
                AssertShown(figure.Name, rate, figure.Name == "hypermesh.cgroup.cpu.runqueue.time" ? "" : figure.Value.GetProperty("unit").GetString() switch { "s" => "%", "By" => "B/s", _ => "/s" }, shown);
                moved += rate > 0 ? 1 : 0;
                if (rate > 0)
                {
                    caused.Add(figure.Name);
                }
            }
        }

        Assert.Empty(s_caused.Except(caused));

        JsonElement cpu = reading.GetProperty("monitors").EnumerateArray().Single(static monitor => monitor.GetProperty("name").GetString() == "cpu");
        JsonElement busiest = cpu.GetProperty("figures").GetProperty("hypermesh.cpu.task.time").GetProperty("points").EnumerateArray().MaxBy(static point => point.GetProperty("value").GetDouble());
        Assert.Equal($"CPU {busiest.GetProperty("cpu.logical_number").GetString()}", page.GetProperty("cpu").GetString());
        AssertShown("busiest CPU", busiest.GetProperty("value").GetDouble() / Seconds(cpu), "%", page.GetProperty("share").GetString()!);

        JsonElement[] latency = [.. cpu.GetProperty("figures").GetProperty("hypermesh.cpu.runqueue.latency").GetProperty("points")[0].GetProperty("slots").EnumerateArray()];
        Match percentiles = Percentiles().Match(page.GetProperty("monitors").GetProperty("cpu").GetProperty("hypermesh.cpu.runqueue.latency").GetString()!);
        Assert.True(percentiles.Success);
        Assert.InRange(Time(percentiles, "p50") / Bound(latency, 0.5), 0.99, 1.01);
        Assert.InRange(Time(percentiles, "p99") / Bound(latency, 0.99), 0.99, 1.01);

        ulong lost = reading.GetProperty("monitors").EnumerateArray().Where(static monitor => monitor.TryGetProperty("endNs", out _))
            .Aggregate(0UL, static (sum, monitor) => sum + monitor.GetProperty("dropped").GetUInt64() + monitor.GetProperty("missed").GetUInt64());
        Assert.Contains($"loss {lost}", page.GetProperty("trust").GetString(), StringComparison.Ordinal);
        return moved;
    }

    // Three digits are shown, of a share one after the point.
    private static void AssertShown(string name, double value, string unit, string shown)
    {
        Match match = Value().Match(shown);
        Assert.True(match.Success && match.Groups["unit"].Value == unit, $"{name} is '{shown}', not {value} in {unit}");
        double scale = match.Groups["prefix"].Value switch { "" => 1, "k" => 1e3, "M" => 1e6, "G" => 1e9, "Ki" => 1 << 10, "Mi" => 1 << 20, "Gi" => 1 << 30, var other => throw new ArgumentException(other) };
        double number = double.Parse(match.Groups["number"].Value, CultureInfo.InvariantCulture) * scale / (unit == "%" ? 100 : 1);
        double tolerance = (value * 0.006) + (unit == "%" ? 0.0006 : 0);
        Assert.True(Math.Abs(number - value) <= tolerance, $"{name} is '{shown}', and the reading has {value} in {unit}");
    }

    // The upper bound of the slot in which a share of the values is reached.
    private static double Bound(JsonElement[] slots, double share)
    {
        double wanted = share * slots.Sum(static slot => slot.GetProperty("count").GetDouble()), sum = 0;
        return slots.OrderBy(static slot => slot.GetProperty("upTo").GetDouble()).First(slot => (sum += slot.GetProperty("count").GetDouble()) >= wanted).GetProperty("upTo").GetDouble();
    }

    private static double Time(Match match, string name)
        => double.Parse(match.Groups[name].Value, CultureInfo.InvariantCulture) * match.Groups[name + "unit"].Value switch { "s" => 1, "ms" => 1e-3, "µs" => 1e-6, _ => 1e-9 };

    private static double Seconds(JsonElement monitor) => (monitor.GetProperty("endNs").GetInt64() - monitor.GetProperty("startNs").GetInt64()) / 1e9;

    private static async Task ReceiveAsync(Server server, ConcurrentDictionary<long, JsonElement> readings, CancellationToken stop)
    {
        using HttpResponseMessage stream = await server.Client.GetAsync("/api/events", HttpCompletionOption.ResponseHeadersRead, stop);
        using var lines = new StreamReader(await stream.Content.ReadAsStreamAsync(stop));
        string kind = "";
        while (await lines.ReadLineAsync(stop) is { } line)
        {
            kind = line.StartsWith("event: ", StringComparison.Ordinal) ? line["event: ".Length..] : kind;
            if (kind == "reading" && line.StartsWith("data: ", StringComparison.Ordinal))
            {
                JsonElement reading = JsonDocument.Parse(line["data: ".Length..]).RootElement;
                readings[reading.GetProperty("sequence").GetInt64()] = reading;
            }
        }
    }

    // Datagrams to ourselves.
    private static void Send(CancellationToken stop)
    {
        using var receiver = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        using var sender = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        byte[] datagram = new byte[1000];
        while (!stop.WaitHandle.WaitOne(10))
        {
            sender.Send(datagram, (IPEndPoint)receiver.Client.LocalEndPoint!);
            IPEndPoint? from = null;
            receiver.Receive(ref from);
        }
    }

    [GeneratedRegex(@"^(hypermesh\.(monitor|hook|events|ground_truth|series)\.|bpf\.)")]
    private static partial Regex Trust();

    [GeneratedRegex(@"^(?<number>[0-9.e+-]+)( (?<prefix>[kMG]i?|Ki|)(?<unit>B/s|/s|%|))?$")]
    private static partial Regex Value();

    [GeneratedRegex(@"^p50 ≤ (?<p50>[0-9.e+-]+) (?<p50unit>[mµn]?s), p99 ≤ (?<p99>[0-9.e+-]+) (?<p99unit>[mµn]?s)$")]
    private static partial Regex Percentiles();
}
