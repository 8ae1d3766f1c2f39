// Prints once a second how long GPU fences and jobs take, and what NVML says of each device; or why this machine cannot tell.
using System.Globalization;
using Hypermesh.Bpf;
using Hypermesh.Bpf.Monitoring;

int seconds = args is [var count] ? int.Parse(count, CultureInfo.InvariantCulture) : int.MaxValue;
try
{
    await using GpuMonitor monitor = GpuMonitor.Start();
    GpuReading reading = monitor.NewReading();
    using var second = new PeriodicTimer(TimeSpan.FromSeconds(1));
    for (int i = 0; i < seconds && await second.WaitForNextTickAsync(); i++)
    {
        monitor.Read(reading);
        Console.WriteLine(reading.Reason is { } reason ? $"{reading.Condition}: {reason}" : "ok");
        if (reading.HasFences)
        {
            Show("fences", reading.FencesSignaled, reading.FenceDuration);
        }

        if (reading.HasJobs)
        {
            Show("jobs in the queue", reading.JobsRun, reading.JobQueueTime);
            Show("jobs on the GPU", reading.JobsDone, reading.JobRunTime);
        }

        foreach (GpuDeviceFigures device in reading.Devices)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{device.Id}: busy {device.Utilization:P0}, {device.MemoryUsedBytes >> 20} of {device.MemoryTotalBytes >> 20} MiB, {device.TemperatureCelsius} °C, {device.PowerWatts} W"));
        }
    }

    return 0;
}
catch (Exception e) when (e is BpfException or PlatformNotSupportedException)
{
    await Console.Error.WriteLineAsync($"GpuFences: {e.Message}");
    return 1;
}

static void Show(string what, ulong number, Exp2Histogram time)
    => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {number}, 99 % within {time.Percentile(0.99) * 1000:0.000} ms"));
