using System.Diagnostics;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Hypermesh.Bpf.Tests.Unit.Support;

namespace Hypermesh.Bpf.Tests.Tool.Commands;

/// <summary><c>hmbpf serve</c> over HTTP.</summary>
public sealed class ServeTests : IDisposable
{
    private const string Token = "0123456789abcdef0123";
    private static readonly TimeSpan s_end = TimeSpan.FromSeconds(20);

    private readonly string _folder = Directory.CreateTempSubdirectory("hmbpf-serve-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Every_path_answers_with_the_headers_and_SIGTERM_ends_it_also_while_a_browser_listens()
    {
        Hmbpf.NeedsRoot();
        using Server server = await Server.StartAsync(["cpu"]);
        foreach ((string path, string type) in new[]
        {
            ("/", "text/html"), ("/page.css", "text/css"), ("/page.js", "text/javascript"), ("/charts.js", "text/javascript"), ("/favicon.ico", "image/svg+xml"),
            ("/metrics", "text/plain"), ("/healthz", "text/plain"), ("/api/reading", "application/json"), ("/api/processes", "application/json"),
        })
        {
            using HttpResponseMessage answer = await server.Client.GetAsync(path, TestContext.Current.CancellationToken);
            Assert.Equal((HttpStatusCode.OK, type), (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
            CheckHeaders(answer);
        }

        using (HttpResponseMessage missing = await server.Client.GetAsync("/etc/passwd", TestContext.Current.CancellationToken))
        {
            Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
            CheckHeaders(missing);
        }

        using HttpResponseMessage stream = await server.Client.GetAsync("/api/events", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        long began = Stopwatch.GetTimestamp();
        Assert.Equal(0, server.Terminate(s_end));
        Assert.InRange(Stopwatch.GetElapsedTime(began).TotalSeconds, 0, s_end.TotalSeconds);
        Assert.Equal("", server.Error.Trim());
    }

    [Theory]
    [InlineData("POST", null, null, 405)]
    [InlineData("GET", "evil.example", null, 400)]
    [InlineData("GET", null, "cross-site", 403)]
    [InlineData("GET", null, "same-origin", 200)]
    public async Task Another_site_gets_nothing(string method, string? host, string? site, int status)
    {
        using Server server = await Server.StartAsync(["cpu"]);
        using var request = new HttpRequestMessage(new HttpMethod(method), "/metrics");
        request.Headers.Host = host;
        if (site is not null)
        {
            request.Headers.Add("Sec-Fetch-Site", site);
        }

        using HttpResponseMessage answer = await server.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.DoesNotContain("Access-Control-Allow-Origin", answer.Headers.Select(static header => header.Key));
        CheckHeaders(answer);
    }

    [Fact]
    public async Task The_stream_has_each_reading_with_its_number_and_refuses_the_seventeenth_client()
    {
        Hmbpf.NeedsRoot();
        using Server server = await Server.StartAsync(["cpu"]);
        var streams = new List<HttpResponseMessage>();
        try
        {
            for (int i = 0; i < 16; i++)
            {
                streams.Add(await server.Client.GetAsync("/api/events", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken));
                Assert.Equal((HttpStatusCode.OK, "text/event-stream"), (streams[i].StatusCode, streams[i].Content.Headers.ContentType!.MediaType));
            }

            using HttpResponseMessage refused = await server.Client.GetAsync("/api/events", TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);

            using var lines = new StreamReader(await streams[0].Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
            long previous = 0;
            for (int events = 0; events < 3;)
            {
                string? line = await lines.ReadLineAsync(TestContext.Current.CancellationToken);
                if (line?.StartsWith("id: ", StringComparison.Ordinal) == true)
                {
                    long number = long.Parse(line[4..], System.Globalization.CultureInfo.InvariantCulture);
                    Assert.True(previous == 0 || number == previous + 1, $"{number} after {previous}");
                    previous = number;
                }
                else if (line?.StartsWith("data: ", StringComparison.Ordinal) == true)
                {
                    using JsonDocument reading = JsonDocument.Parse(line[6..]);
                    Assert.Equal(previous, reading.RootElement.GetProperty("sequence").GetInt64());
                    events++;
                }
            }
        }
        finally
        {
            streams.ForEach(static stream => stream.Dispose());
        }

        // The place of a client that left is free again.
        await Started.UntilAsync(
            async () =>
            {
                using HttpResponseMessage next = await server.Client.GetAsync("/api/events", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
                return next.IsSuccessStatusCode ? "" : null;
            },
            static () => "a client that left keeps its place");
    }

    private const string Tagged = """
        #include <linux/bpf.h>
        #include <bpf/bpf_helpers.h>
        #include <hypermesh/map.h>
        #include <hypermesh/metric.h>

        struct {
            __uint(type, BPF_MAP_TYPE_HASH);
            __uint(max_entries, 64);
            __type(key, struct named { char comm[16]; });
            __type(value, __u64);
        } by_comm SEC(".maps") HM_COUNTER("test.execs", "{exec}", "Programs that were started");

        __u32 last HM_GAUGE("test.last", "By");

        SEC("tp_btf/sched_process_exec") int serve_with_exec(__u64 *ctx)
        {
            struct named key = {};
            __u64 zero = 0, *count;

            bpf_get_current_comm(key.comm, sizeof(key.comm));
            last = 4096;
            count = hm_lookup_or_add(&by_comm, &key, &zero);
            if (count)
                __sync_fetch_and_add(count, 1);
            return 0;
        }

        char LICENSE[] SEC("license") = "Dual BSD/GPL";
        """;

    [Fact]
    public async Task Tagged_values_of_a_program_of_the_user_are_among_the_metrics()
    {
        Hmbpf.NeedsRoot();
        const int Programs = 7;
        string source = Path.Combine(_folder, "tagged.bpf.c"), program = Path.Combine(_folder, "serve\"with\\");
        File.WriteAllText(source, Tagged);
        File.CreateSymbolicLink(program, "/bin/true");
        using Server server = await Server.StartAsync(["cpu", "--with", source]);
        for (int i = 0; i < Programs; i++)
        {
            using Process one = Process.Start(program);
            await one.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        string text = await server.Client.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
        Assert.Contains("# HELP bpf_test_execs_total Programs that were started\n# TYPE bpf_test_execs_total counter\n", text, StringComparison.Ordinal);
        Assert.Contains($"\nbpf_test_execs_total{{object=\"tagged\",comm=\"serve\\\"with\\\\\"}} {Programs}\n", text, StringComparison.Ordinal);
        Assert.Contains("\n# TYPE bpf_test_last_bytes gauge\nbpf_test_last_bytes{object=\"tagged\"} 4096\n", text, StringComparison.Ordinal);
        Assert.Contains("\nhypermesh_", text, StringComparison.Ordinal);
        Assert.Equal(0, server.Terminate(s_end));
    }

    [Theory]
    [InlineData("/nonexistent/one.bpf.c", "/nonexistent/one.bpf.c does not exist.")]
    [InlineData("frobnicate", "There is no template 'frobnicate'.")]
    public void A_program_of_the_user_that_cannot_run_ends_it_before_it_listens(string file, string message)
    {
        Hmbpf.Outcome outcome = Hmbpf.Run("serve", "cpu", "--listen", "127.0.0.1:0", "--with", file);

        Assert.Equal((1, ""), (outcome.ExitCode, outcome.Output));
        Assert.Contains(message, outcome.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_listener_of_the_metrics_has_nothing_else_and_needs_the_token(bool tls)
    {
        string token = Path.Combine(_folder, "token");
        File.WriteAllText(token, Token + "\n");
        File.SetUnixFileMode(token, UnixFileMode.UserRead);
        int port = Started.FreePort();
        using Server server = await Server.StartAsync(["cpu", "--metrics-listen", $"127.0.0.1:{port}", "--token-file", token, .. tls ? MakeCertificate() : []]);
        Assert.StartsWith($"metrics alone on http{(tls ? "s" : "")}://127.0.0.1:{port}, with a token", await server.Output.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);

        using var accepting = new HttpClientHandler { ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator };
        using var client = new HttpClient(accepting) { BaseAddress = new Uri($"{(tls ? "https" : "http")}://127.0.0.1:{port}") };
        foreach (string path in new[] { "/metrics", "/healthz", "/" })
        {
            using HttpResponseMessage refused = await client.GetAsync(path, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        }

        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        Assert.Contains("hypermesh_monitor_state", await client.GetStringAsync("/metrics", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        using (HttpResponseMessage health = await client.GetAsync("/healthz", TestContext.Current.CancellationToken))
        {
            Assert.Contains("cpu: ", await health.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }

        foreach (string path in new[] { "/", "/page.js", "/api/reading", "/api/events", "/api/processes" })
        {
            using HttpResponseMessage missing = await client.GetAsync(path, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.NotFound, missing.StatusCode);
        }
    }

    [Fact]
    public async Task All_outputs_have_the_same_names()
    {
        Hmbpf.NeedsRoot();
        using var receiver = new HttpListener();
        int port = Started.FreePort();
        receiver.Prefixes.Add($"http://127.0.0.1:{port}/");
        receiver.Start();
        using Server server = await Server.StartAsync(["--series", "2000"], [("OTEL_EXPORTER_OTLP_ENDPOINT", $"http://127.0.0.1:{port}"), ("OTEL_METRIC_EXPORT_INTERVAL", "1000")]);

        // A monitor may have its first value of a metric between two of them: another look, then.
        string[] otlp = [], prometheus = [], json = [];
        await Started.UntilAsync(
            async () =>
            {
                otlp = await SentNamesAsync(receiver);
                string text = await server.Client.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
                prometheus = [.. text.Split('\n').Where(static line => line.StartsWith("# TYPE ", StringComparison.Ordinal)).Select(static line => line.Split(' ')[2]).Order(StringComparer.Ordinal)];
                using JsonDocument reading = JsonDocument.Parse(await server.Client.GetStringAsync("/api/reading", TestContext.Current.CancellationToken));
                json = NamesOf(reading.RootElement);
                return otlp.Contains("hypermesh.cpu.context_switches") && otlp.SequenceEqual(json) && otlp.Select(PrometheusNames.Of).Order(StringComparer.Ordinal).SequenceEqual(prometheus) ? "" : null;
            },
            () => $"OTLP: {string.Join(' ', otlp)}\nJSON: {string.Join(' ', json)}\nPrometheus: {string.Join(' ', prometheus)}\n{server.Error}");
    }

    [Fact]
    public async Task A_receiver_that_fails_is_said_and_makes_the_health_check_degraded()
    {
        Hmbpf.NeedsRoot();
        using Server server = await Server.StartAsync(
            ["cpu"], [("OTEL_EXPORTER_OTLP_ENDPOINT", $"http://127.0.0.1:{Started.FreePort()}"), ("OTEL_METRIC_EXPORT_INTERVAL", "500"), ("OTEL_EXPORTER_OTLP_TIMEOUT", "500")]);

        await Started.UntilAsync(() => Task.FromResult(server.Error.Contains("Metrics cannot be sent to http://127.0.0.1", StringComparison.Ordinal) ? "" : null), () => server.Error);
        Assert.Contains("export: Metrics cannot be sent", await server.Client.GetStringAsync("/healthz", TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_manager_is_told_that_it_is_ready_alive_and_stopping()
    {
        string path = Path.Combine(_folder, "notify");
        using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = 60_000 };
        socket.Bind(new UnixDomainSocketEndPoint(path));
        using Server server = await Server.StartAsync(["cpu"], [("NOTIFY_SOCKET", path)]);

        Assert.Matches("^READY=1\nWATCHDOG=1\nSTATUS=cpu (ok|degraded|refused)$", Receive(socket));
        Assert.StartsWith("WATCHDOG=1", Receive(socket), StringComparison.Ordinal);
        Assert.Equal(0, server.Terminate(s_end));
        string last = "";
        while (socket.Available > 0)
        {
            last = Receive(socket);
        }

        Assert.Equal("STOPPING=1", last);
    }

    [Fact]
    public void A_PID_namespace_that_is_not_the_machine_s_is_said()
    {
        Hmbpf.NeedsRoot();
        using var process = new Started("unshare", ["--pid", "--fork", "--mount-proc", Hmbpf.Dotnet, Hmbpf.Command, "top", "--once", "--json", "cpu"]);
        using JsonDocument inside = JsonDocument.Parse(process.Process.StandardOutput.ReadToEnd());
        Assert.Contains("PIDs of events are the machine's", inside.RootElement.GetProperty("note").GetString(), StringComparison.Ordinal);

        Assert.Equal(JsonValueKind.Null, Hmbpf.Run("top", "--once", "--json", "cpu").Json.GetProperty("note").ValueKind);
    }

    [Theory]
    [InlineData("--listen takes an address of the loopback interface", "--listen", "0.0.0.0:1")]
    [InlineData("--listen takes an address and a port", "--listen", "19435")]
    [InlineData("needs --token-file", "--metrics-listen", "0.0.0.0:1")]
    [InlineData("are for --metrics-listen", "--token-file", "/tmp/x")]
    [InlineData("are given together", "--metrics-listen", "127.0.0.1:1", "--tls-cert", "/tmp/x")]
    [InlineData("--series takes a whole number from 100 to 10000", "--series", "5")]
    [InlineData("--procfs takes a folder", "--procfs", "/nowhere")]
    [InlineData("There is no monitor 'disc'", "disc")]
    public void A_mistake_is_refused_before_anything_is_loaded(string expected, params string[] arguments)
    {
        Hmbpf.Outcome outcome = Hmbpf.Run(["serve", .. arguments]);

        Assert.Equal((2, ""), (outcome.ExitCode, outcome.Output));
        Assert.Contains(expected, outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_port_that_is_taken_is_said_with_the_option()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        Hmbpf.Outcome outcome = Hmbpf.Run("serve", "cpu", "--listen", taken.LocalEndpoint.ToString()!);

        Assert.Equal((1, ""), (outcome.ExitCode, outcome.Output));
        Assert.Contains($"Cannot listen on {taken.LocalEndpoint}:", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("--listen", outcome.Error, StringComparison.Ordinal);
    }

    private static string Receive(Socket socket)
    {
        var message = new byte[4096];
        return System.Text.Encoding.UTF8.GetString(message, 0, socket.Receive(message));
    }

    private static async Task<string[]> SentNamesAsync(HttpListener receiver)
    {
        HttpListenerContext request = await receiver.GetContextAsync().WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        using var body = new MemoryStream();
        await new GZipStream(request.Request.InputStream, CompressionMode.Decompress).CopyToAsync(body, TestContext.Current.CancellationToken);
        request.Response.Close();
        return [.. ProtobufField.Read(body.ToArray()).One(1).Message.One(2).Message.All(2).Select(static metric => metric.Message.One(1).Text).Order(StringComparer.Ordinal)];
    }

    private static string[] NamesOf(JsonElement reading)
        => [.. reading.GetProperty("monitors").EnumerateArray().Select(static monitor => monitor.GetProperty("figures")).Append(reading.GetProperty("figures"))
            .SelectMany(static figures => figures.EnumerateObject()).Select(static figure => figure.Name).Distinct().Order(StringComparer.Ordinal)];

    private string[] MakeCertificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 certificate = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        string file = Path.Combine(_folder, "cert.pem");
        string keyFile = Path.Combine(_folder, "key.pem");
        File.WriteAllText(file, certificate.ExportCertificatePem());
        File.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem());
        return ["--tls-cert", file, "--tls-key", keyFile];
    }

    private static void CheckHeaders(HttpResponseMessage answer)
    {
        Dictionary<string, string> headers = answer.Headers.ToDictionary(static header => header.Key, static header => string.Join(',', header.Value), StringComparer.OrdinalIgnoreCase);
        Assert.StartsWith("default-src 'none'; script-src 'self'; style-src 'self';", headers["Content-Security-Policy"], StringComparison.Ordinal);
        Assert.Equal(("nosniff", "no-referrer", "same-origin", "same-origin", "no-store"), (headers["X-Content-Type-Options"], headers["Referrer-Policy"], headers["Cross-Origin-Resource-Policy"], headers["Cross-Origin-Opener-Policy"], headers["Cache-Control"].Split(',')[0]));
        Assert.DoesNotContain("Server", headers.Keys);
    }
}
