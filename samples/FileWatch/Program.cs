// Prints each file that other processes open, remove or rename, and what was lost.
// FileWatch [PID]   ends at Ctrl-C
using System.Runtime.InteropServices;
using Hypermesh.Bpf;
using Hypermesh.Bpf.Monitoring;

using var stop = new CancellationTokenSource();
using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
try
{
    await using FileMonitor monitor = FileMonitor.Start(new FileMonitorOptions { Events = true, ProcessId = args is [var number] ? int.Parse(number) : null });
    try
    {
        await foreach (FileEvent file in monitor.ReadAllAsync(stop.Token))
        {
            string how = file.Way == FileWay.IoUring ? "by io_uring" : file.Error is > 0 and var error ? $"error {error}" : "";
            Console.WriteLine(Shown($"{file.Operation,-6} {file.ProcessId,7} {file.Command,-15} {file.Path} {file.NewPath} {how}"));
        }
    }
    catch (OperationCanceledException)
    {
        FileReading reading = monitor.NewReading();
        monitor.Read(reading);
        Console.WriteLine($"{reading.EventsDelivered} of {reading.EventsProduced} events printed, {reading.Dropped} dropped, {reading.Missed} missed; {reading.Condition} {reading.Reason}");
    }

    return 0;
}
catch (BpfException e)
{
    await Console.Error.WriteLineAsync($"FileWatch: {e.Message}");
    return 1;
}

void End(PosixSignalContext signal)
{
    signal.Cancel = true;
    stop.Cancel();
}

// Whoever starts a process or makes a file names it: control characters of theirs do not reach the terminal.
static string Shown(string line) => string.Concat(line.Select(static one => char.IsControl(one) ? '?' : one));
