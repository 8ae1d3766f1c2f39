// Prints a line when a cgroup or the machine is about to run out of memory, what became of each warning, and each process that was killed. Ends at Ctrl-C.
using System.Globalization;
using Hypermesh.Bpf;
using Hypermesh.Bpf.Monitoring;

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stop.Cancel();
};

try
{
    await using MemoryMonitor monitor = MemoryMonitor.Start(new MemoryMonitorOptions { PageAllocations = false });
    MemoryReading reading = monitor.NewReading();
    monitor.Read(reading);
    if (reading.Reason is { } reason)
    {
        await Console.Error.WriteLineAsync($"degraded: {reason}");
    }

    await foreach (MemoryEvent happened in monitor.ReadAllAsync(stop.Token))
    {
        Console.WriteLine(happened switch
        {
            OomWarning warning => string.Create(
                CultureInfo.InvariantCulture,
                $"{warning.CGroup}: {warning.UsedBytes >> 20} MiB, +{warning.BytesPerSecond / (1 << 20):0.0} MiB/s, at the limit of {warning.Limited} in {warning.SecondsLeft:0.0} s{(warning.IsLearning ? " (still learning)" : "")}"),
            OomWarningEnded { LeadTime: { } lead } hit => string.Create(CultureInfo.InvariantCulture, $"{hit.CGroup}: killed {lead.TotalSeconds:0.0} s after the warning"),
            OomWarningEnded { Outcome: OomOutcome.Missed } missed => $"{missed.CGroup}: killed without a warning",
            OomWarningEnded ended => $"{ended.CGroup}: the growth has ended",
            OomVictim victim => $"{victim.CGroup}: {victim.Name ?? "?"} ({victim.ThreadId}) was killed, {victim.AnonymousBytes >> 20} MiB",
            _ => happened.ToString(),
        });
    }
}
catch (OperationCanceledException)
{
    return 0;
}
catch (Exception e) when (e is BpfException or PlatformNotSupportedException)
{
    await Console.Error.WriteLineAsync($"OomWarnings: {e.Message}");
    return 1;
}

return 0;
