using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using ExecTrace;
using Hypermesh.Bpf;

var seconds = new Option<double?>("--seconds")
{
    Description = "End after this time; otherwise at Ctrl-C.",
    CustomParser = result =>
    {
        if (double.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out double length) && length is > 0 and < 1e6)
        {
            return length;
        }

        result.AddError($"--seconds takes a number above 0 and below a million, not '{result.Tokens[0].Value}'.");
        return null;
    },
};
var json = new Option<bool>("--json") { Description = "Print one JSON object for each event, and one at the end." };
var parent = new Option<uint>("--parent") { Description = "Only children of this process." };
var longer = new Option<double>("--longer-than") { Description = "Report the end only of processes that ran for at least this many milliseconds." };
var ring = new Option<uint?>("--ring") { Description = "Size of the ring buffer in bytes: a power of two, at least a page." };

var command = new RootCommand("Shows every process that executes a file and every process that ends.") { seconds, json, parent, longer, ring };
command.SetAction((arguments, stop) => Trace(arguments, stop));

// Ctrl-C and SIGTERM end it like the end of its time: the programs are unloaded, and the exit code is 0.
using var ended = new CancellationTokenSource();
using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
return await command.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null }, ended.Token);

void End(PosixSignalContext signal)
{
    signal.Cancel = true;
    ended.Cancel();
}

async Task<int> Trace(ParseResult arguments, CancellationToken stop)
{
    bool asJson = arguments.GetValue(json);
    using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
    try
    {
        await using Exec exec = Exec.Open(spec =>
        {
            spec.Globals.OnlyParent = arguments.GetValue(parent);
            spec.Globals.MinDurationNs = (ulong)(arguments.GetValue(longer) * 1e6);
            spec.Maps.Events.MaxEntries = arguments.GetValue(ring) ?? spec.Maps.Events.MaxEntries;
        }).Load();
        exec.Attach();
        await Console.Error.WriteLineAsync("Tracing, Ctrl-C ends.");
        if (arguments.GetValue(seconds) is double length)
        {
            end.CancelAfter(TimeSpan.FromSeconds(length));
        }

        try
        {
            await foreach (Exec.Event e in exec.Maps.Events.ReadAllAsync(end.Token))
            {
                Console.WriteLine(asJson ? Json(e) : Shown(Text(e)));
            }
        }
        catch (OperationCanceledException)
        {
            // Ctrl-C, or the end of its time.
        }

        Console.WriteLine(asJson ? JsonSerializer.Serialize(new DropLine(exec.Maps.Events.Dropped), Lines.Default.DropLine) : $"{exec.Maps.Events.Dropped} dropped");
        return 0;
    }
    catch (Exception e) when (e is BpfException or PlatformNotSupportedException)
    {
        await Console.Error.WriteLineAsync($"ExecTrace: {e.Message}");
        return 1;
    }
}

static string Text(in Exec.Event e) => e.Kind == Exec.EventKind.ProcessExec
    ? $"exec {e.Pid,7} of {e.Parent,-7} {e.Comm,-16} {e.File}"
    : $"exit {e.Pid,7} of {e.Parent,-7} {e.Comm,-16} {(e.Signal == 0 ? $"code {e.ExitCode}" : $"signal {e.Signal}")} after {e.RunTimeNs / 1e6:0.0} ms";

// Whoever starts a process or makes a file names it: control characters of theirs do not reach the terminal.
static string Shown(string line) => string.Concat(line.Select(static one => char.IsControl(one) ? '?' : one));

static string Json(in Exec.Event e) => e.Kind == Exec.EventKind.ProcessExec
    ? JsonSerializer.Serialize(new ExecLine("exec", e.Pid, e.Parent, e.Comm.ToString(), e.File.ToString()), Lines.Default.ExecLine)
    : JsonSerializer.Serialize(new ExitLine("exit", e.Pid, e.Parent, e.Comm.ToString(), e.ExitCode, e.Signal, e.RunTimeNs), Lines.Default.ExitLine);

internal sealed record ExecLine(string Kind, uint Pid, uint Parent, string Comm, string File);

internal sealed record ExitLine(string Kind, uint Pid, uint Parent, string Comm, uint Code, uint Signal, ulong RunTimeNs);

internal sealed record DropLine(ulong Dropped);

// The serializers are generated at compile time, without reflection, so that the program works with NativeAOT.
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ExecLine))]
[JsonSerializable(typeof(ExitLine))]
[JsonSerializable(typeof(DropLine))]
internal sealed partial class Lines : JsonSerializerContext;
