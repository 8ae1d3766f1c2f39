using Hypermesh.Bpf.Monitoring.Figures;
using Hypermesh.Bpf.Monitoring.Gpu;

namespace Hypermesh.Bpf.Monitoring;

/// <summary>
/// The work of GPUs between two readings. It is created once by <see cref="GpuMonitor.NewReading"/> and filled by each <see cref="KernelMonitor{TReading}.Read(TReading)"/>, so that reading
/// allocates nothing. What the machine cannot give is null or absent, and the reading says why; it is never 0.
/// </summary>
public sealed class GpuReading : MonitorReading
{
    private readonly GpuDeviceFigures[] _devices;

    internal GpuReading(IReadOnlyList<string> ids) => _devices = [.. ids.Select(static id => new GpuDeviceFigures(id))];

    /// <summary>Whether the fence hooks are attached and a DRM driver is loaded, so that the figures of fences mean something.</summary>
    public bool HasFences { get; internal set; }

    /// <summary>Whether the hooks of the DRM scheduler are attached. Drivers without it, such as NVIDIA's own, show nothing there.</summary>
    public bool HasJobs { get; internal set; }

    /// <summary>Fences that were created.</summary>
    public ulong FencesCreated { get; private set; }

    /// <summary>Fences that drivers emitted and traced. Not all drivers do.</summary>
    public ulong FencesEmitted { get; private set; }

    /// <summary>Fences that were signalled.</summary>
    public ulong FencesSignaled { get; private set; }

    /// <summary>Of these, fences whose beginning was not seen; they are not in <see cref="FenceDuration"/>.</summary>
    public ulong FencesUntimed { get; private set; }

    /// <summary>The time between the emission of a fence, or its creation where emission is not traced, and its signal, in seconds.</summary>
    public Exp2Histogram FenceDuration { get; } = Exp2Histogram.OfTimes(GpuSkeleton.UInt64Array40.Length);

    /// <summary>Jobs that entered a queue of the DRM scheduler.</summary>
    public ulong JobsQueued { get; private set; }

    /// <summary>Jobs that were handed to the GPU.</summary>
    public ulong JobsRun { get; private set; }

    /// <summary>Jobs that ended.</summary>
    public ulong JobsDone { get; private set; }

    /// <summary>Runs and ends of jobs whose time before was not seen; they are not in <see cref="JobQueueTime"/> and <see cref="JobRunTime"/>.</summary>
    public ulong JobsUntimed { get; private set; }

    /// <summary>The time of jobs in the queue, in seconds.</summary>
    public Exp2Histogram JobQueueTime { get; } = Exp2Histogram.OfTimes(GpuSkeleton.UInt64Array40.Length);

    /// <summary>The time of jobs on the GPU, in seconds.</summary>
    public Exp2Histogram JobRunTime { get; } = Exp2Histogram.OfTimes(GpuSkeleton.UInt64Array40.Length);

    /// <summary>The devices that NVML shows; empty where it is not installed.</summary>
    public IReadOnlyList<GpuDeviceFigures> Devices => _devices;

    internal GpuDeviceFigures DeviceAt(int index) => _devices[index];

    internal void Add(in GpuSkeleton.GpuCounters from, in GpuSkeleton.GpuCounters to)
    {
        FencesCreated += to.Created - from.Created;
        FencesEmitted += to.Emitted - from.Emitted;
        FencesSignaled += to.Signaled - from.Signaled;
        FencesUntimed += to.FenceUntimed - from.FenceUntimed;
        FenceDuration.Add(from.Fences, from.FenceNs, to.Fences, to.FenceNs);
        JobsQueued += to.Queued - from.Queued;
        JobsRun += to.Run - from.Run;
        JobsDone += to.Done - from.Done;
        JobsUntimed += to.JobUntimed - from.JobUntimed;
        JobQueueTime.Add(from.Queues, from.QueueNs, to.Queues, to.QueueNs);
        JobRunTime.Add(from.Runs, from.RunNs, to.Runs, to.RunNs);
    }

    internal override void Report(IFigureSink sink)
    {
        if (HasJobs)
        {
            sink.Add(MetricTable.GpuQueueTime, JobQueueTime);
            sink.Add(MetricTable.GpuRunTime, JobRunTime);
        }

        if (HasFences)
        {
            sink.Add(MetricTable.FenceDuration, FenceDuration);
        }

        foreach (GpuDeviceFigures device in _devices)
        {
            var labels = new MetricLabels(device.Id);
            Set(sink, MetricTable.GpuUtilization, device.Utilization, labels);
            Set(sink, MetricTable.GpuMemoryUsage, device.MemoryUsedBytes, labels);
            Set(sink, MetricTable.GpuMemoryLimit, device.MemoryTotalBytes, labels);
            Set(sink, MetricTable.GpuTemperature, device.TemperatureCelsius, labels);
            Set(sink, MetricTable.GpuPower, device.PowerWatts, labels);
        }
    }

    internal override void Clear()
    {
        (FencesCreated, FencesEmitted, FencesSignaled, FencesUntimed) = (0, 0, 0, 0);
        (JobsQueued, JobsRun, JobsDone, JobsUntimed) = (0, 0, 0, 0);
        FenceDuration.Clear();
        JobQueueTime.Clear();
        JobRunTime.Clear();
        foreach (GpuDeviceFigures device in _devices)
        {
            device.Take(default);
        }
    }

    private static void Set(IFigureSink sink, Metric metric, double? value, in MetricLabels labels)
    {
        if (value is { } known)
        {
            sink.Set(metric, known, labels);
        }
    }
}

/// <summary>One GPU, as NVML shows it at the time of the reading. What the device does not support is null.</summary>
public sealed class GpuDeviceFigures
{
    internal GpuDeviceFigures(string id) => Id = id;

    /// <summary>The device's ID (<c>GPU-…</c>).</summary>
    public string Id { get; }

    /// <summary>The share of time in which a kernel ran, from 0 to 1, over the driver's own last period.</summary>
    public double? Utilization { get; private set; }

    /// <summary>Memory in use.</summary>
    public long? MemoryUsedBytes { get; private set; }

    /// <summary>All its memory.</summary>
    public long? MemoryTotalBytes { get; private set; }

    /// <summary>Its temperature.</summary>
    public double? TemperatureCelsius { get; private set; }

    /// <summary>The power it draws.</summary>
    public double? PowerWatts { get; private set; }

    internal void Take(in GpuSample sample)
        => (Utilization, MemoryUsedBytes, MemoryTotalBytes, TemperatureCelsius, PowerWatts) = (sample.Busy, sample.MemoryUsed, sample.MemoryTotal, sample.Celsius, sample.Watts);
}
