// Prints each program that is executed and each process that ends, and what was lost.
// ProcessWatch [--arguments]   ends at Ctrl-C
using System.Runtime.InteropServices;
using Hypermesh.Bpf;
using Hypermesh.Bpf.Monitoring;

using var stop = new CancellationTokenSource();
using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
try
{
    await using ProcessMonitor monitor = ProcessMonitor.Start(new ProcessMonitorOptions { Events = true, Arguments = args.Contains("--arguments") });
    try
    {
        await foreach (ProcessEvent process in monitor.ReadAllAsync(stop.Token))
        {
            Console.WriteLine(Shown(process.Kind == ProcessEventKind.Exec
                ? $"exec {process.ProcessId,7} of {process.ParentId,7}  {string.Join(' ', process.Arguments ?? [process.File!])}"
                : $"exit {process.ProcessId,7} of {process.ParentId,7}  {process.Command}: {How(process)}, {process.CpuTime!.Value.TotalMilliseconds:F1} ms CPU, {process.PeakMemory >> 20} MiB"));
        }
    }
    catch (OperationCanceledException)
    {
        ProcessReading reading = monitor.NewReading();
        monitor.Read(reading);
        Console.WriteLine($"{reading.EventsDelivered} of {reading.EventsProduced} events printed, {reading.Dropped} dropped, {reading.Missed} missed; {reading.Condition} {reading.Reason}");
    }

    return 0;
}
catch (BpfException e)
{
    await Console.Error.WriteLineAsync($"ProcessWatch: {e.Message}");
    return 1;
}

void End(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}

static string How(ProcessEvent process) => process.Signal is { } signal ? $"signal {signal}" : $"exit code {process.ExitCode}";

// Whoever starts a process or makes a file names it: control characters of theirs do not reach the terminal.
static string Shown(string line) => string.Concat(line.Select(static one => char.IsControl(one) ? '?' : one));
