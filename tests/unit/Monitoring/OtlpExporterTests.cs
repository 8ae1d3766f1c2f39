using System.Diagnostics;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using Hypermesh.Bpf.Monitoring;
using Hypermesh.Bpf.Monitoring.Figures;
using Hypermesh.Bpf.Monitoring.Series;
using Hypermesh.Bpf.Tests.Unit.Monitoring.Writers;

namespace Hypermesh.Bpf.Tests.Unit.Monitoring;

/// <summary>Against a receiver on loopback.</summary>
public sealed class OtlpExporterTests : IDisposable
{
    private readonly Receiver _receiver = new();

    public void Dispose() => _receiver.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_receiver_gets_every_metric_with_the_headers(bool compress)
    {
        _receiver.Answers(_ => (200, null, []));
        OtlpResult result = await ExportAsync(new OtlpOptions { Endpoint = _receiver.Endpoint, Compress = compress, Headers = [new("Authorization", "Bearer secret")] });

        Assert.Equal(new OtlpResult(true, 0, null), result);
        (string path, string? type, string? encoding, string? authorization, byte[] body) = Assert.Single(_receiver.Requests);
        Assert.Equal(("/v1/metrics", "application/x-protobuf", compress ? "gzip" : null, "Bearer secret"), (path, type, encoding, authorization));
        Assert.Equal(
            MetricTable.All.Select(static metric => metric.Name),
            ProtobufField.Read(body).One(1).Message.One(2).Message.All(2).Select(static metric => metric.Message.One(1).Text));
    }

    [Fact]
    public async Task A_receiver_that_is_busy_gets_it_again_after_the_pause_it_asked_for()
    {
        _receiver.Answers(static attempt => attempt < 3 ? (new[] { 429, 503, 502 }[attempt], "0", []) : (200, null, []));
        OtlpResult result = await ExportAsync(new OtlpOptions { Endpoint = _receiver.Endpoint });

        Assert.True(result.IsAccepted);
        Assert.Equal(4, _receiver.Requests.Count);
        Assert.All(_receiver.Requests, request => Assert.Equal(_receiver.Requests[0].Body, request.Body));
    }

    [Theory]
    [InlineData(400)]
    [InlineData(404)]
    [InlineData(500)]
    [InlineData(302)]
    public async Task Another_refusal_is_said_at_once(int status)
    {
        _receiver.Answers(_ => (status, null, []));
        OtlpResult result = await ExportAsync(new OtlpOptions { Endpoint = _receiver.Endpoint });

        Assert.False(result.IsAccepted);
        Assert.Contains($"{_receiver.Endpoint}: it answered {status}", result.Message, StringComparison.Ordinal);
        Assert.Single(_receiver.Requests);
    }

    [Fact]
    public async Task Values_that_the_receiver_rejects_are_said()
    {
        _receiver.Answers(static _ => (200, null, [0x0a, 0x07, 0x08, 0x05, 0x12, 0x03, (byte)'b', (byte)'a', (byte)'d']));
        OtlpResult result = await ExportAsync(new OtlpOptions { Endpoint = _receiver.Endpoint });

        Assert.Equal((true, 5L), (result.IsAccepted, result.Rejected));
        Assert.Contains("rejected 5 values: bad", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_that_listens_is_said_within_the_time()
    {
        _receiver.Dispose();
        long began = Stopwatch.GetTimestamp();
        OtlpResult result = await ExportAsync(new OtlpOptions { Endpoint = _receiver.Endpoint, Timeout = TimeSpan.FromSeconds(1.5) });

        Assert.False(result.IsAccepted);
        Assert.Contains("refused", result.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("1.5 s", result.Message, StringComparison.Ordinal);
        Assert.InRange(Stopwatch.GetElapsedTime(began).TotalSeconds, 1, 30);
    }

    [Fact]
    public async Task A_pause_of_years_ends_with_the_time_of_the_export()
    {
        _receiver.Answers(static _ => (503, "2147483647", []));
        OtlpResult result = await ExportAsync(new OtlpOptions { Endpoint = _receiver.Endpoint, Timeout = TimeSpan.FromSeconds(1.5) });

        Assert.False(result.IsAccepted);
        Assert.Contains("it answered 503", result.Message, StringComparison.Ordinal);
        Assert.Contains("1.5 s", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_caller_can_end_it()
    {
        _receiver.Answers(static _ => (503, "60", []));
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
        using OtlpExporter exporter = Exporter(new OtlpOptions { Endpoint = _receiver.Endpoint, Timeout = TimeSpan.FromMinutes(5) });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => exporter.ExportAsync(stop.Token));
    }

    private static OtlpExporter Exporter(OtlpOptions options) => new(PrometheusWriterTests.Full(MetricStore.HighestLimit), options, TimeProvider.System);

    private static async Task<OtlpResult> ExportAsync(OtlpOptions options)
    {
        using OtlpExporter exporter = Exporter(options);
        return await exporter.ExportAsync(TestContext.Current.CancellationToken);
    }

    private sealed class Receiver : IDisposable
    {
        private readonly HttpListener _listener = new();
        private Func<int, (int Status, string? RetryAfter, byte[] Body)> _answer = static _ => (200, null, []);

        internal Receiver()
        {
            int port;
            using (var free = new TcpListener(IPAddress.Loopback, 0))
            {
                free.Start();
                port = ((IPEndPoint)free.LocalEndpoint).Port;
            }

            Endpoint = new Uri($"http://127.0.0.1:{port}/v1/metrics");
            _listener.Prefixes.Add($"http://127.0.0.1:{port}/");
            _listener.Start();
            _ = ServeAsync();
        }

        internal Uri Endpoint { get; }

        internal List<(string Path, string? Type, string? Encoding, string? Authorization, byte[] Body)> Requests { get; } = [];

        internal void Answers(Func<int, (int Status, string? RetryAfter, byte[] Body)> answer) => _answer = answer;

        public void Dispose() => _listener.Close();

        private async Task ServeAsync()
        {
            while (_listener.IsListening)
            {
                HttpListenerContext context;
                try
                {
                    context = await _listener.GetContextAsync();
                }
                catch (Exception end) when (end is HttpListenerException or ObjectDisposedException)
                {
                    return;
                }

                string? encoding = context.Request.Headers["Content-Encoding"];
                using var body = new MemoryStream();
                using (Stream from = encoding == "gzip" ? new GZipStream(context.Request.InputStream, CompressionMode.Decompress) : context.Request.InputStream)
                {
                    await from.CopyToAsync(body);
                }

                (int status, string? retry, byte[] answer) = _answer(Requests.Count);
                Requests.Add((context.Request.Url!.AbsolutePath, context.Request.ContentType, encoding, context.Request.Headers["Authorization"], body.ToArray()));
                context.Response.StatusCode = status;
                if (retry is not null)
                {
                    context.Response.Headers["Retry-After"] = retry;
                }

                await context.Response.OutputStream.WriteAsync(answer);
                context.Response.Close();
            }
        }
    }
}
