using Hypermesh.Bpf.Monitoring.Figures;
using Hypermesh.Bpf.Monitoring.Keeping;
using Hypermesh.Bpf.Monitoring.KernelCounters;

namespace Hypermesh.Bpf.Monitoring.Disk;

/// <summary>What the monitor keeps of a device between readings.</summary>
internal sealed class DiskDevice(uint number, string sysFs)
{
    internal const int Operations = 4;

    internal uint Number => number;

    internal string Name { get; private set; } = DeviceNumber.Text(number);

    /// <summary>True for a partition, whose requests are counted at its disk.</summary>
    internal bool IsPartition { get; private set; }

    /// <summary>True when its I/O comes as requests: sysfs shows their queues, or one was seen.</summary>
    internal bool HasRequests { get; private set; }

    /// <summary>The counters of each operation at the last reading.</summary>
    internal DiskSkeleton.DiskCounters[] Last { get; } = new DiskSkeleton.DiskCounters[Operations];

    /// <summary>The operations that were ever seen.</summary>
    internal bool[] IsSeen { get; } = new bool[Operations];

    /// <summary>Its place in the reading that is being filled; null when it has none.</summary>
    internal DiskFigures? Figures { get; set; }

    /// <summary>The kernel's counters just before the monitor's were read.</summary>
    internal DiskStatsValues Before { get; private set; }

    /// <summary>The kernel's counters just after the monitor's were read.</summary>
    internal DiskStatsValues After { get; private set; }

    internal DiskStatsValues LastBefore { get; private set; }

    internal DiskStatsValues LastAfter { get; private set; }

    /// <summary>Whether the kernel's counters are those of one device over the whole period.</summary>
    internal bool IsComparable { get; private set; }

    /// <summary>Bytes and operations beside the kernel's; null for a device or a period that cannot be compared.</summary>
    internal (GroundTruth? Bytes, GroundTruth? Count) Truths { get; private set; }

    /// <summary>The number of readings in a row in which the device does not exist.</summary>
    internal int Absences { get; private set; }

    /// <summary>Takes the name, and what sysfs says of the device.</summary>
    /// <param name="name">The name in <c>/proc/diskstats</c>; null for the one in sysfs.</param>
    internal void Describe(string? name)
    {
        string folder = Path.Combine(sysFs, "dev/block", DeviceNumber.Text(number));
        Name = name ?? NameIn(folder) ?? DeviceNumber.Text(number);
        IsPartition = File.Exists(Path.Combine(folder, "partition"));
        HasRequests = Directory.Exists(Path.Combine(folder, "mq"));
    }

    /// <summary>Records that the monitor saw requests of an operation.</summary>
    internal void See(int operation) => HasRequests = IsSeen[operation] = true;

    internal void TakeBefore(DiskStatsRow? row)
    {
        bool isOther = row is not null && row.Name != Name;
        if (isOther)
        {
            Describe(row!.Name);
        }

        (LastBefore, LastAfter) = (Before, After);
        Before = row?.Values ?? default;
        Absences = row is null ? Absences + 1 : 0;
        IsComparable = row is not null && !isOther && !Before.IsLessThan(LastBefore);
    }

    internal void TakeAfter(DiskStatsRow? row)
    {
        After = row?.Values ?? default;
        IsComparable &= row is not null && !After.IsLessThan(Before);
    }

    /// <summary>Compares the figures of the reading with the kernel's counters. A device of which nothing was seen has figures, too: zeroes.</summary>
    internal void Compare(string bytesSource, string countSource)
    {
        Truths = default;

        // The last reading may have been read again after this one began to count: then nothing is known to have come since.
        if (IsComparable && HasRequests && !IsPartition)
        {
            (ulong bytes, ulong count) = Figures?.CountedByKernel ?? default;
            Truths = (
                new GroundTruth(MetricTable.DiskBytes.Name, bytesSource, bytes, Saturating.Subtract(Before.Bytes, LastAfter.Bytes), After.Bytes - LastBefore.Bytes),
                new GroundTruth(MetricTable.DiskOperations.Name, countSource, count, Saturating.Subtract(Before.Operations, LastAfter.Operations), After.Operations - LastBefore.Operations));
        }

        if (Figures is not null)
        {
            (Figures.BytesTruth, Figures.CountTruth) = Truths;
        }
    }

    internal void Save(ref StateWriter into)
    {
        into.Write(Name);
        into.WriteAll<DiskSkeleton.DiskCounters>(Last);
        into.WriteAll<bool>(IsSeen);
        into.Write(Before);
        into.Write(After);
        into.Write(Absences);
    }

    internal void Restore(StateReader from)
    {
        Describe(from.ReadText());
        from.ReadAll<DiskSkeleton.DiskCounters>(Last);
        from.ReadAll<bool>(IsSeen);
        HasRequests |= IsSeen.AsSpan().Contains(true);
        (Before, After, Absences) = (from.Read<DiskStatsValues>(), from.Read<DiskStatsValues>(), from.Read<int>());
    }

    private static string? NameIn(string folder)
    {
        const string Key = "DEVNAME=";
        try
        {
            return File.ReadLines(Path.Combine(folder, "uevent")).FirstOrDefault(static line => line.StartsWith(Key, StringComparison.Ordinal))?[Key.Length..];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
