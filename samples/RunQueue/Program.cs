using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using Hypermesh.Bpf;
using Hypermesh.Bpf.Monitoring;
using RunQueue;

var seconds = new Option<int?>("--seconds")
{
    Description = "End after this many readings, one a second; otherwise at Ctrl-C.",
    CustomParser = result =>
    {
        if (int.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out int readings) && readings > 0)
        {
            return readings;
        }

        result.AddError($"--seconds takes a whole number from 1 on, not '{result.Tokens[0].Value}'.");
        return null;
    },
};
var json = new Option<bool>("--json") { Description = "Print one JSON object each second instead of the live view." };
var cost = new Option<bool>("--cost") { Description = "Measure the cost of the monitor itself (slows every BPF program of the machine a little; requires root)." };

var command = new RootCommand("Shows context switches and run-queue latency of every CPU.") { seconds, json, cost };
command.SetAction((arguments, stop) => Show(
    arguments.GetValue(json) ? new JsonLines(Console.Out) : new LiveView(),
    arguments.GetValue(seconds) ?? int.MaxValue,
    arguments.GetValue(cost),
    stop));

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

static async Task<int> Show(IOutput output, int readings, bool cost, CancellationToken stop)
{
    try
    {
        await using CpuMonitor monitor = CpuMonitor.Start(new CpuMonitorOptions { MeasureCost = cost });
        CpuReading reading = monitor.NewReading();
        using var second = new PeriodicTimer(TimeSpan.FromSeconds(1));
        await output.Run(async show =>
        {
            for (int i = 0; i < readings && await second.WaitForNextTickAsync(stop); i++)
            {
                monitor.Read(reading);
                show(reading);
            }
        });
        return 0;
    }
    catch (OperationCanceledException)
    {
        return 0;
    }
    catch (Exception e) when (e is BpfException or PlatformNotSupportedException)
    {
        await Console.Error.WriteLineAsync($"RunQueue: {e.Message}");
        return 1;
    }
}
