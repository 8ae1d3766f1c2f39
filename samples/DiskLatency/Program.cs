// Shows each second what every disk did: operations, bytes, and the median and the slowest hundredth of its requests, queue and device apart. Ctrl-C ends it.
using Hypermesh.Bpf;
using Hypermesh.Bpf.Monitoring;

int seconds = args is [string text] && int.TryParse(text, out int given) && given > 0 ? given : int.MaxValue;
using var ended = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    ended.Cancel();
};

try
{
    await using DiskMonitor monitor = DiskMonitor.Start();
    DiskReading reading = monitor.NewReading();
    using var second = new PeriodicTimer(TimeSpan.FromSeconds(1));
    for (int i = 0; i < seconds && await second.WaitForNextTickAsync(ended.Token); i++)
    {
        monitor.Read(reading);
        Show(reading);
    }

    return 0;
}
catch (OperationCanceledException)
{
    return 0;
}
catch (Exception e) when (e is BpfException or PlatformNotSupportedException)
{
    await Console.Error.WriteLineAsync($"DiskLatency: {e.Message}");
    return 1;
}

static void Show(DiskReading reading)
{
    Console.WriteLine($"{"disk",-12}{"operation",-10}{"requests",10}{"MB",10}{"errors",8}{"queue p50",12}{"p99",10}{"device p50",12}{"p99",10}  (ms)");
    foreach (DiskFigures disk in reading.Devices)
    {
        foreach (DiskOperationFigures one in disk.Operations.Where(static one => one.Count > 0))
        {
            Console.WriteLine(
                $"{disk.Name,-12}{one.Operation,-10}{one.Count,10}{one.Bytes / 1e6,10:F2}{one.Errors,8}{one.QueueTime.Percentile(0.5) * 1e3,12:F3}{one.QueueTime.Percentile(0.99) * 1e3,10:F3}"
                + $"{one.DeviceTime.Percentile(0.5) * 1e3,12:F3}{one.DeviceTime.Percentile(0.99) * 1e3,10:F3}");
        }
    }

    // What the kernel counted is beside each figure: the monitor says itself how far to trust it.
    if (reading.Reason is { } reason)
    {
        Console.WriteLine($"{reading.Condition}: {reason}");
    }
}
