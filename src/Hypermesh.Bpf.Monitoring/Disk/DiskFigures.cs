using Hypermesh.Bpf.Monitoring.Disk;

namespace Hypermesh.Bpf.Monitoring;

/// <summary>What a request does, as <c>/proc/diskstats</c> tells it apart.</summary>
public enum DiskOperation
{
    /// <summary>Reads.</summary>
    Read,

    /// <summary>Writes, with those of zeroes and the commands for zones.</summary>
    Write,

    /// <summary>Flushes of the device's cache, which have no bytes.</summary>
    Flush,

    /// <summary>Discards.</summary>
    Discard,
}

/// <summary>The I/O of one device between two readings.</summary>
public sealed class DiskFigures
{
    private readonly DiskOperationFigures[] _operations = [.. Enum.GetValues<DiskOperation>().Select(static operation => new DiskOperationFigures(operation))];

    internal DiskFigures()
    {
    }

    /// <summary>The name as in <c>/proc/diskstats</c>. It is the device's number where the kernel shows no name: <c>0:0</c> for the hidden paths of a multipath device.</summary>
    public string Name { get; internal set; } = "";

    /// <summary>The device's number as the kernel keeps it: the major number above 20 bits of the minor.</summary>
    public uint Number { get; internal set; }

    /// <summary>The figures of each operation, in the order of <see cref="DiskOperation"/>.</summary>
    public IReadOnlyList<DiskOperationFigures> Operations => _operations;

    /// <summary>The figures of an operation.</summary>
    /// <param name="operation">The operation.</param>
    public DiskOperationFigures this[DiskOperation operation] => _operations[(int)operation];

    /// <summary>Bytes of completed requests of all operations.</summary>
    public ulong Bytes { get; internal set; }

    /// <summary>Requests of all operations that ended.</summary>
    public ulong Count { get; internal set; }

    /// <summary>The bytes beside the kernel's own count in <c>/proc/diskstats</c>; null when there is none for this device and period.</summary>
    public GroundTruth? BytesTruth { get; internal set; }

    /// <summary>The requests beside the kernel's own count in <c>/proc/diskstats</c>; null when there is none for this device and period.</summary>
    public GroundTruth? CountTruth { get; internal set; }

    /// <summary>The operations, to be walked without allocating.</summary>
    internal DiskOperationFigures[] OperationArray => _operations;

    /// <summary>What the kernel counts, too: all but the requests of a device whose <c>queue/iostats</c> is 0.</summary>
    internal (ulong Bytes, ulong Count) CountedByKernel
    {
        get
        {
            (ulong bytes, ulong count) = (Bytes, Count);
            foreach (DiskOperationFigures one in _operations)
            {
                bytes -= one.BytesApart;
                count -= one.CountApart;
            }

            return (bytes, count);
        }
    }

    internal void Clear()
    {
        Bytes = Count = 0;
        BytesTruth = CountTruth = null;
        foreach (DiskOperationFigures operation in _operations)
        {
            operation.Clear();
        }
    }
}

/// <summary>The requests of one device and operation between two readings.</summary>
public sealed class DiskOperationFigures
{
    private static readonly string[] s_labels = ["read", "write", "flush", "discard"];

    internal DiskOperationFigures(DiskOperation operation) => Operation = operation;

    /// <summary>The operation.</summary>
    public DiskOperation Operation { get; }

    /// <summary>Bytes of completed requests, also of those that ended with an error, as the kernel counts them.</summary>
    public ulong Bytes { get; private set; }

    /// <summary>Requests that ended. I/O that the kernel merged is one.</summary>
    public ulong Count { get; private set; }

    /// <summary>Requests that ended with an error.</summary>
    public ulong Errors { get; internal set; }

    /// <summary>The time of requests from their allocation until their last issue to the device. Empty for a device without a scheduler whose <c>queue/iostats</c> is 0.</summary>
    public Exp2Histogram QueueTime { get; } = Exp2Histogram.OfTimes(DiskSkeleton.UInt64Array40.Length);

    /// <summary>The time of requests from their last issue to the device until they completed.</summary>
    public Exp2Histogram DeviceTime { get; } = Exp2Histogram.OfTimes(DiskSkeleton.UInt64Array40.Length);

    /// <summary>Requests whose issue was not seen: they were under way at the start, or the kernel skipped the program. They are in <see cref="Count"/> and not in the times.</summary>
    public ulong Untimed { get; private set; }

    internal string Label => LabelOf(Operation);

    /// <summary>True when the device has had such a request since the start.</summary>
    internal bool IsSeen { get; set; }

    /// <summary>What the kernel does not count, because the device's <c>queue/iostats</c> is 0.</summary>
    internal ulong BytesApart { get; private set; }

    internal ulong CountApart { get; private set; }

    internal static string LabelOf(DiskOperation operation) => s_labels[(int)operation];

    internal void Clear()
    {
        Bytes = Count = Errors = Untimed = BytesApart = CountApart = 0;
        IsSeen = false;
        QueueTime.Clear();
        DeviceTime.Clear();
    }

    /// <summary>Adds what was counted between two sums of a program's counters.</summary>
    internal void Add(in DiskSkeleton.DiskCounters from, in DiskSkeleton.DiskCounters to)
    {
        Bytes += to.Bytes - from.Bytes;
        Count += to.Operations - from.Operations;
        Untimed += to.Untimed - from.Untimed;
        BytesApart += to.BytesApart - from.BytesApart;
        CountApart += to.OperationsApart - from.OperationsApart;
        QueueTime.Add(from.Queue, from.QueueSumNs, to.Queue, to.QueueSumNs);
        DeviceTime.Add(from.Device, from.DeviceSumNs, to.Device, to.DeviceSumNs);
    }
}

/// <summary>Requests that ended with one kind of error between two readings.</summary>
/// <param name="Device">The device's name.</param>
/// <param name="Operation">The operation.</param>
/// <param name="Error">The name of the error number: <c>EIO</c>.</param>
/// <param name="Count">The number of requests.</param>
public readonly record struct DiskErrorFigures(string Device, DiskOperation Operation, string Error, ulong Count);

/// <summary>The bytes of one cgroup's requests between two readings, by the cgroup of their bios: that of whoever made them, also where a kernel thread writes them.</summary>
public sealed class DiskCGroupFigures
{
    private readonly ulong[] _bytes = new ulong[DiskDevice.Operations];

    internal DiskCGroupFigures()
    {
    }

    /// <summary>The cgroup's ID: the inode number of its folder.</summary>
    public ulong Id { get; internal set; }

    /// <summary>The cgroup's path below the root of its hierarchy (<c>blkio</c> in v1); null when its folder is gone.</summary>
    public string? Path { get; internal set; }

    /// <summary>The bytes of an operation. The requests of cgroups below this one are not included.</summary>
    /// <param name="operation">The operation.</param>
    public ulong this[DiskOperation operation] => _bytes[(int)operation];

    /// <summary>The bytes by the operations that have some, as outputs name them.</summary>
    internal static (string? Operation, Func<DiskCGroupFigures, double> Bytes)[] Bytes { get; } =
        [.. new[] { DiskOperation.Read, DiskOperation.Write, DiskOperation.Discard }.Select(static operation => ((string?)DiskOperationFigures.LabelOf(operation), (Func<DiskCGroupFigures, double>)(group => group[operation])))];

    /// <summary>The bytes of all operations.</summary>
    internal ulong Sum { get; private set; }

    internal void Set(in DiskSkeleton.CgroupBytes from, in DiskSkeleton.CgroupBytes to)
    {
        Sum = 0;
        for (int i = 0; i < _bytes.Length; i++)
        {
            _bytes[i] = to.Bytes[i] - from.Bytes[i];
            Sum += _bytes[i];
        }
    }
}
