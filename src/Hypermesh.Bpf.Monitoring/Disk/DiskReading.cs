using Hypermesh.Bpf.Monitoring.Disk;
using Hypermesh.Bpf.Monitoring.Figures;

namespace Hypermesh.Bpf.Monitoring;

/// <summary>
/// The I/O of the disks between two readings. It is created once by <see cref="DiskMonitor.NewReading"/> and filled by each <see cref="KernelMonitor{TReading}.Read(TReading)"/>, so that reading
/// allocates nothing.
/// </summary>
public sealed class DiskReading : MonitorReading
{
    private readonly List<DiskFigures> _devices = [];
    private readonly Stack<DiskFigures> _spare = new();
    private readonly List<DiskErrorFigures> _errors = [];
    private readonly List<DiskCGroupFigures> _groups = [];
    private readonly Stack<DiskCGroupFigures> _spareGroups = new();

    internal DiskReading()
    {
    }

    /// <summary>The devices that have had requests since the start, partitions not included. The list is reused by the next reading.</summary>
    public IReadOnlyList<DiskFigures> Devices => _devices;

    /// <summary>The errors of requests that ended with one, by kind: each kind that has occurred since the start.</summary>
    public IReadOnlyList<DiskErrorFigures> Errors => _errors;

    /// <summary>The bytes of each cgroup that had requests, that with the most first; empty unless <see cref="DiskMonitorOptions.ByCGroup"/> is set. The list is reused by the next reading.</summary>
    public IReadOnlyList<DiskCGroupFigures> CGroups => _groups;

    /// <summary>Returns the figures of a device; null when it has had no requests.</summary>
    /// <param name="name">The name as in <c>/proc/diskstats</c>, such as <c>nvme0n1</c>.</param>
    public DiskFigures? Find(string name)
    {
        foreach (DiskFigures device in _devices)
        {
            if (device.Name == name)
            {
                return device;
            }
        }

        return null;
    }

    internal DiskFigures Add(DiskDevice device)
    {
        if (!_spare.TryPop(out DiskFigures? figures))
        {
            figures = new DiskFigures();
        }

        figures.Clear();
        (figures.Name, figures.Number) = (device.Name, device.Number);
        _devices.Add(figures);
        return figures;
    }

    /// <summary>The devices, to be walked without allocating.</summary>
    internal List<DiskFigures> DeviceList => _devices;

    internal void Add(in DiskErrorFigures errors) => _errors.Add(errors);

    internal DiskCGroupFigures AddCGroup(ulong id, string? path)
    {
        if (!_spareGroups.TryPop(out DiskCGroupFigures? group))
        {
            group = new DiskCGroupFigures();
        }

        (group.Id, group.Path) = (id, path);
        _groups.Add(group);
        return group;
    }

    /// <summary>Orders the cgroups: the one with the most bytes is the first.</summary>
    internal void OrderCGroups() => _groups.Sort(static (one, other) => one.Sum != other.Sum ? other.Sum.CompareTo(one.Sum) : one.Id.CompareTo(other.Id));

    internal override void Report(IFigureSink sink)
    {
        foreach (DiskFigures device in _devices)
        {
            foreach (DiskOperationFigures figures in device.OperationArray)
            {
                if (figures.IsSeen)
                {
                    var labels = new MetricLabels(device.Name, figures.Label);
                    sink.Add(MetricTable.DiskBytes, figures.Bytes, labels);
                    sink.Add(MetricTable.DiskOperations, figures.Count, labels);
                    sink.Add(MetricTable.DiskDuration, figures.QueueTime, new MetricLabels(device.Name, figures.Label, "queue"));
                    sink.Add(MetricTable.DiskDuration, figures.DeviceTime, new MetricLabels(device.Name, figures.Label, "device"));
                }
            }
        }

        foreach (DiskErrorFigures errors in _errors)
        {
            sink.Add(MetricTable.DiskErrors, errors.Count, new MetricLabels(errors.Device, DiskOperationFigures.LabelOf(errors.Operation), errors.Error));
        }

        LargestGroups.Report(sink, MetricTable.CGroupDiskBytes, _groups, static group => group.Path, DiskCGroupFigures.Bytes);
    }

    internal override void Clear()
    {
        foreach (DiskFigures device in _devices)
        {
            _spare.Push(device);
        }

        foreach (DiskCGroupFigures group in _groups)
        {
            _spareGroups.Push(group);
        }

        _devices.Clear();
        _errors.Clear();
        _groups.Clear();
    }
}
