using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Hypermesh.Bpf.Monitoring;
using Hypermesh.Bpf.Monitoring.Series;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Tool.Arguments;
using Hypermesh.Bpf.Tool.Output;
using Hypermesh.Bpf.Tool.Running;
using Hypermesh.Bpf.Tool.Serving;

namespace Hypermesh.Bpf.Tool.Commands;

/// <summary><c>hmbpf serve</c>: the monitors in a browser, and for Prometheus and OpenTelemetry.</summary>
internal static class ServeCommand
{
    internal static Command Create()
    {
        Argument<string[]> names = MonitorArguments.Names();
        Option<string> listen = Address("--listen", $"Where the page, the readings and the metrics are: an address of the loopback interface; port 0 takes a free one. 127.0.0.1:{ServeOptions.DefaultPort} when it is not given.", static address
            => IPAddress.IsLoopback(address.Address) ? null : "--listen takes an address of the loopback interface: the page stays on this machine. For Prometheus on another machine use --metrics-listen.");
        Option<string> metrics = Address("--metrics-listen", "Serves /metrics and /healthz alone, also at an address that other machines reach.", static _ => null);
        var token = new Option<string>("--token-file") { Description = "The file with the token that requests at --metrics-listen need.", HelpName = "FILE" };
        var certificate = new Option<string>("--tls-cert") { Description = "The certificate of --metrics-listen in PEM.", HelpName = "FILE" };
        var key = new Option<string>("--tls-key") { Description = "Its key in PEM, without a password.", HelpName = "FILE" };
        var series = new Option<int>("--series") { Description = "The most series, from 100 to 10,000. Those that do not fit are added up as 'other', and counted.", HelpName = "N", DefaultValueFactory = static _ => MetricStore.DefaultLimit };
        series.Validators.Add(static result =>
        {
            if (result.Tokens.Count > 0 && !(int.TryParse(result.Tokens[0].Value, out int count) && count is >= MetricStore.LowestLimit and <= MetricStore.HighestLimit))
            {
                result.AddError($"--series takes a whole number from {MetricStore.LowestLimit} to {MetricStore.HighestLimit}, not '{result.Tokens[0].Value}'.");
            }
        });
        var with = new Option<string[]>("--with") { Description = "Runs this C file, object or template beside the monitors, and serves what its C tags as metrics at /metrics. Can be repeated.", HelpName = "FILE" };
        var reload = new Option<bool>("--reload") { Description = "Replaces what --with runs each time its file is saved, without losing an event; a version that does not compile or is refused leaves the running one." };
        var pin = new Option<string?>("--pin")
        {
            Description = "Leave monitors and --with in this folder of the BPF file system when the command ends: they go on counting, and the next 'hmbpf serve' with this folder takes their place and continues all totals. 'hmbpf pin clean FOLDER' ends it.",
            HelpName = "FOLDER",
        };
        (Option<string> procFs, Option<string> sysFs, Option<string> cgroupFs) = (Folder("--procfs", "procfs"), Folder("--sysfs", "sysfs"), Folder("--cgroupfs", "the hierarchy of cgroups"));
        var command = new ToolCommand("serve", "Shows what the monitors see in a browser, and serves it to Prometheus (/metrics), as JSON (/api/reading), as a stream of events (/api/events) and as a health check (/healthz). "
            + "Sends it to OpenTelemetry too where OTEL_EXPORTER_OTLP_ENDPOINT is set. Ends with Ctrl-C or SIGTERM.")
        {
            names, with, reload, pin, listen, metrics, token, certificate, key, series, procFs, sysFs, cgroupFs,
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(metrics) is null && (result.GetResult(token) ?? result.GetResult(certificate) ?? result.GetResult(key)) is not null)
            {
                result.AddError("--token-file, --tls-cert and --tls-key are for --metrics-listen, which is missing.");
            }
            else if (result.GetResult(certificate) is null != result.GetResult(key) is null)
            {
                result.AddError("--tls-cert and --tls-key are given together.");
            }
            else if (result.GetResult(metrics) is not null && result.GetResult(token) is null && result.GetValue(metrics) is { } text && ListenAddress.TryParse(text, out IPEndPoint? address) && !IPAddress.IsLoopback(address!.Address))
            {
                result.AddError($"--metrics-listen {text} can be reached from other machines, so it needs --token-file.");
            }
        });
        command.Validators.Add(result =>
        {
            if (result.GetValue(reload) && (result.GetValue(with) ?? []).FirstOrDefault(static file => !File.Exists(file)) is { } template)
            {
                result.AddError($"--reload needs files, and '{template}' is a template: write it to a file first.");
            }
            else if (result.GetValue(reload) && result.GetResult(with) is null)
            {
                result.AddError("--reload is for --with, which is missing.");
            }
        });
        return command
            .Example("sudo hmbpf serve", $"all monitors at http://127.0.0.1:{ServeOptions.DefaultPort}")
            .Example("sudo hmbpf serve --metrics-listen 0.0.0.0:9436 --token-file /etc/hmbpf/token", "metrics for a Prometheus on another machine")
            .Example("sudo hmbpf serve --with requests.bpf.c --reload", "with the metrics of a program of your own, replaced when its file is saved")
            .Example("sudo hmbpf serve --pin /sys/fs/bpf/hmbpf", "a restart or an update loses no event, and no counter begins anew")
            .Does((arguments, terminal, stop) =>
            {
                string? folder = arguments.GetValue(pin);
                List<Func<CancellationToken, Task>> watchers = [];
                using ObjectMetrics? objects = Start(arguments.GetValue(with) ?? [], folder, arguments.GetValue(reload) ? watchers : null, terminal, stop);
                var options = new ServeOptions(
                    arguments.GetValue(listen) is { } where ? Parse(where) : new IPEndPoint(IPAddress.Loopback, ServeOptions.DefaultPort),
                    arguments.GetValue(metrics) is { } other ? new MetricsListener(Parse(other), arguments.GetValue(token) is { } file ? AccessToken.Read(file) : null, arguments.GetValue(certificate), arguments.GetValue(key)) : null,
                    new MonitorSetOptions
                    {
                        Names = MonitorArguments.Read(arguments, names),
                        SeriesLimit = arguments.GetValue(series),
                        ByCGroup = true,
                        ProcFs = arguments.GetValue(procFs) ?? "/proc",
                        SysFs = arguments.GetValue(sysFs) ?? "/sys",
                        CGroupFs = arguments.GetValue(cgroupFs),
                        Handover = PinCommands.Folder(folder),
                    },
                    Otlp(),
                    objects);
                return RunAsync(options, watchers, terminal, stop).GetAwaiter().GetResult();
            });
    }

    // What was started before the one that fails is ended.
    private static ObjectMetrics? Start(string[] files, string? folder, List<Func<CancellationToken, Task>>? watchers, Terminal terminal, CancellationToken stop)
    {
        var objects = new List<LiveRun>();
        try
        {
            foreach (string file in files)
            {
                RunReload.FileState state = RunReload.FileState.Of(file);
                BpfObjectSpec Open() => RunSource.Open(file, isTrusted: false, terminal, stop);
                BpfObjectSpec spec = Open();
                var run = LiveRun.Start(spec, [], isReloadable: watchers is not null, PinCommands.Folder(folder is null ? null : Path.Combine(folder, KeptTotals.FolderOfOthers, spec.Name)));
                objects.Add(run);
                RunReload.Tell(run.Adopted, terminal);
                watchers?.Add(end => new RunReload(file, state, [], Open).WatchAsync(run, terminal, end));
            }

            return objects.Count > 0 ? new ObjectMetrics(objects) : null;
        }
        catch
        {
            objects.ForEach(static one => one.Undo());
            throw;
        }
    }

    private static async Task<int> RunAsync(ServeOptions options, List<Func<CancellationToken, Task>> watchers, Terminal terminal, CancellationToken stop)
    {
        using var log = new TerminalLogging(terminal);
        await using MonitorServer server = await StartAsync(options, log, terminal, stop).ConfigureAwait(false);
        Say(server, options, terminal);

        // The server stops by itself when reading the monitors failed with an exception, which it has logged: figures that stand still must not look like those of a quiet machine.
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, server.Stopping);
        await Task.WhenAll([WaitAsync(either.Token), .. watchers.Select(watch => watch(either.Token))]).ConfigureAwait(false);
        if (options.Monitors.Handover is { } handover)
        {
            terminal.Progress($"all stays in {handover.Folder}: 'hmbpf pin clean {handover.Folder}' ends it");
        }

        return stop.IsCancellationRequested ? ExitCode.Success : ExitCode.Failure;
    }

    private static async Task<MonitorServer> StartAsync(ServeOptions options, TerminalLogging log, Terminal terminal, CancellationToken stop)
    {
        try
        {
            return await MonitorServer.StartAsync(options, log, stop).ConfigureAwait(false);
        }
        catch (BpfException) when (options.Monitors.Handover is { } handover && Directory.Exists(handover.Folder))
        {
            terminal.Complain($"what was started, or was there before, stays in {handover.Folder}: 'hmbpf pin clean {handover.Folder}' ends it");
            throw;
        }
    }

    private static void Say(MonitorServer server, ServeOptions options, Terminal terminal)
    {
        terminal.Line($"listening on {server.PageAddress}");
        if (server.MetricsAddress is { } address)
        {
            MetricsListener listener = options.Metrics!;
            string token = listener.Token is null ? "without a token, for this machine" : listener.CertificateFile is null ? "with a token, which crosses the network readable: use --tls-cert" : "with a token";
            terminal.Line($"metrics alone on {address}, {token}");
        }

        if (options.Otlp is { } otlp)
        {
            terminal.Line($"metrics sent to {otlp.Endpoint} every {otlp.Period.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s");
        }

        terminal.Result(new JsonObject { ["listening"] = server.PageAddress, ["metrics"] = server.MetricsAddress, ["otlp"] = options.Otlp?.Endpoint.ToString() });
        terminal.Flush();
    }

    private static async Task WaitAsync(CancellationToken stop)
    {
        try
        {
            await Task.Delay(Timeout.Infinite, stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C, SIGTERM, or the end of the server.
        }
    }

    private static OtlpOptions? Otlp()
    {
        try
        {
            return OtlpOptions.FromEnvironment();
        }
        catch (ArgumentException reason)
        {
            throw new BpfException(reason.Message, reason);
        }
    }

    private static IPEndPoint Parse(string text) => ListenAddress.TryParse(text, out IPEndPoint? address) ? address! : throw new InvalidOperationException(text);

    private static Option<string> Address(string name, string description, Func<IPEndPoint, string?> refuse)
    {
        var option = new Option<string>(name) { Description = description, HelpName = "ADDRESS:PORT" };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0)
            {
                string text = result.Tokens[0].Value;
                string? mistake = ListenAddress.TryParse(text, out IPEndPoint? address) ? refuse(address!) : $"{name} takes an address and a port, such as 127.0.0.1:{ServeOptions.DefaultPort} or [::1]:{ServeOptions.DefaultPort}, not '{text}'.";
                if (mistake is not null)
                {
                    result.AddError(mistake);
                }
            }
        });
        return option;
    }

    private static Option<string> Folder(string name, string what)
    {
        var option = new Option<string>(name) { Description = $"Where {what} of the machine is mounted, for a container.", HelpName = "PATH" };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && !Directory.Exists(result.Tokens[0].Value))
            {
                result.AddError($"{name} takes a folder; there is none at '{result.Tokens[0].Value}'.");
            }
        });
        return option;
    }
}
