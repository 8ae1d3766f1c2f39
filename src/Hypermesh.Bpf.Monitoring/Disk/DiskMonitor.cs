using System.Runtime.InteropServices;
using Hypermesh.Bpf.Monitoring.Disk;
using Hypermesh.Bpf.Monitoring.Figures;
using Hypermesh.Bpf.Monitoring.Hooks;
using Hypermesh.Bpf.Monitoring.Keeping;
using Hypermesh.Bpf.Monitoring.KernelCounters;
using Hypermesh.Bpf.Monitoring.Readings;

namespace Hypermesh.Bpf.Monitoring;

/// <summary>
/// Measures bytes, operations, errors and times of the requests of every disk, the queue's time and the device's apart, and on request the bytes of every cgroup (5.10), with programs on
/// the block layer's tracepoints. Bytes and operations are compared with <c>/proc/diskstats</c> at each reading. The monitor owns its programs and detaches them when it is disposed.
/// </summary>
/// <example>
/// <code>
/// await using DiskMonitor monitor = DiskMonitor.Start();
/// DiskReading reading = monitor.NewReading();
/// while (true)
/// {
///     Thread.Sleep(1000);
///     monitor.Read(reading);
///     foreach (DiskFigures disk in reading.Devices)
///     {
///         DiskOperationFigures reads = disk[DiskOperation.Read];
///         Console.WriteLine($"{disk.Name}: {disk.Bytes} bytes, 99 % of reads took the device less than {reads.DeviceTime.Percentile(0.99)} s");
///     }
/// }
/// </code>
/// </example>
public sealed class DiskMonitor : KernelMonitor<DiskReading>
{
    private const string IssueHook = "block_rq_issue";
    private const string CompleteHook = "block_rq_complete";
    private const string BytesSource = "sectors of /proc/diskstats";
    private const string CountSource = "operations of /proc/diskstats";
    private const int Settles = 20;
    private const int ReadingsUntilForgotten = 3;

    // Requests that were in a device when the monitor began.
    private const int UntimedAtStart = 16;

    // Three quarters of the map's room: then those that had no requests lately make room.
    private const int GroupsKept = 12 * 1024;

    private readonly DiskSkeleton _disk;
    private readonly bool _byCGroup;
    private readonly string _sysFs;
    private readonly DiskStats? _kernel;
    private readonly CGroupNames? _names;
    private readonly BpfPerCpuMapBatch<ulong, DiskSkeleton.DiskCounters> _counters = new();
    private readonly BpfPerCpuMapBatch<ulong, DiskSkeleton.CgroupBytes> _groups = new();
    private readonly BpfMapBatch<ulong, ulong> _errors = new();
    private readonly Dictionary<uint, DiskDevice> _devices = [];
    private readonly Dictionary<ulong, DiskSkeleton.CgroupBytes> _lastGroups = [];
    private readonly Dictionary<ulong, (ulong Count, string Name)> _lastErrors = [];
    private readonly List<DiskDevice> _gone = [];
    private readonly List<string> _bioBased = [];
    private ulong _misses;
    private List<string> _lastBioBased = [];
    private string _bioBasedReason = "";

    private DiskMonitor(LoadedMonitor<DiskSkeleton> loaded, DiskMonitorOptions options, CGroupHierarchy? groups)
        : base("disk", loaded, options)
    {
        _disk = loaded.Skeleton;
        _byCGroup = options.ByCGroup;
        _sysFs = options.SysFs;
        _kernel = DiskStats.TryOpen(options.ProcFs);
        _names = groups is null ? null : new CGroupNames(groups);
    }

    /// <summary>The loaded programs and maps.</summary>
    internal DiskSkeleton Loaded => _disk;

    /// <summary>Loads and attaches the programs. Counting starts here.</summary>
    /// <param name="options">The options; null for the defaults.</param>
    /// <returns>The monitor; the caller disposes it.</returns>
    /// <remarks>Requires CAP_BPF and CAP_PERFMON, and kernel BTF (CONFIG_DEBUG_INFO_BTF).</remarks>
    /// <exception cref="BpfPermissionException">A capability is missing, or a policy refuses.</exception>
    /// <exception cref="BpfFeatureNotSupportedException">The kernel lacks a feature that the programs need.</exception>
    /// <exception cref="BpfException">The load or an attach failed for another reason.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static DiskMonitor Start(DiskMonitorOptions? options = null)
    {
        options ??= new DiskMonitorOptions();
        CGroupHierarchy? groups = options.ByCGroup ? CGroupHierarchy.Find("blkio", options.CGroupFs, options.ProcFs) : null;
        LoadedMonitor<DiskSkeleton> loaded = MonitorLoader.Load("disk", Chains(), options, static version => version is null ? DiskSkeleton.Open() : DiskSkeleton.Open(version), (spec, _) =>
        {
            spec.Globals.ByCgroup = spec.Maps.Cgroups.Enabled = options.ByCGroup;
            spec.Globals.FlushBit = (byte)FlushBit();
            spec.Globals.MergesCgroups = Environment.OSVersion.Version < new Version(5, 18);
            spec.Globals.Nests = Environment.OSVersion.Version < new Version(6, 2);
        }, static (spec, load) => spec.Load(load));

        DiskMonitor? monitor = null;
        try
        {
            monitor = new DiskMonitor(loaded, options, groups);
            monitor.Attach(loaded);
            return monitor;
        }
        catch
        {
            loaded.Undo(monitor);
            throw;
        }
    }

    /// <inheritdoc/>
    public override DiskReading NewReading() => new();

    /// <summary>The hooks of the monitor.</summary>
    internal static IReadOnlyList<HookChain> Chains() =>
    [
        new(IssueHook, true, new HookOption(HookSource.TpBtf, "block_rq_issue", IssueHook, "request", "request_queue, request")),
        new(CompleteHook, true, new HookOption(HookSource.TpBtf, "block_rq_complete", CompleteHook, "request, int, unsigned_int", "request, unsigned_char, unsigned_int")),
    ];

    private static int FlushBit()
    {
        using KernelBtf kernel = KernelBtf.Acquire();
        return RequestFlags.FlushBit(kernel.Types);
    }

    private protected override void Take(DiskReading into)
    {
        ReadKernelBefore();
        _disk.Maps.Disks.Read(_counters);
        ulong misses = _disk.Programs.BlockRqComplete.GetRunStatistics().RecursionMisses;
        ReadKernelAfter();
        AddDevices(into);
        Compare(into, misses - _misses);
        _misses = misses;
        AddErrors(into);
        if (_byCGroup)
        {
            AddGroups(into);
        }

        Observe(into);
        Forget();
    }

    private protected override void SaveCounts(ref StateWriter into)
    {
        into.Write(_misses);
        into.Write(_devices.Count);
        foreach (DiskDevice device in _devices.Values)
        {
            into.Write(device.Number);
            device.Save(ref into);
        }

        into.Write(_lastErrors.Count);
        foreach ((ulong key, (ulong count, string _)) in _lastErrors)
        {
            into.Write(key);
            into.Write(count);
        }

        into.Write(_lastGroups.Count);
        foreach ((ulong id, DiskSkeleton.CgroupBytes last) in _lastGroups)
        {
            into.Write(id);
            into.Write(last);
        }
    }

    private protected override bool TryRestoreCounts(StateReader from)
    {
        _misses = Math.Min(from.Read<ulong>(), _disk.Programs.BlockRqComplete.GetRunStatistics().RecursionMisses);
        for (int left = from.Read<int>(); left > 0; left--)
        {
            DeviceOf(from.Read<uint>(), null).Restore(from);
        }

        for (int left = from.Read<int>(); left > 0; left--)
        {
            ulong key = from.Read<ulong>();
            _lastErrors[key] = (from.Read<ulong>(), BlockErrors.Name((int)(key & 0xffff)));
        }

        for (int left = from.Read<int>(); left > 0; left--)
        {
            _lastGroups[from.Read<ulong>()] = from.Read<DiskSkeleton.CgroupBytes>();
        }

        return true;
    }

    private protected override void DisposeOwn() => _kernel?.Dispose();

    private void Attach(LoadedMonitor<DiskSkeleton> loaded)
    {
        if (TryContinue())
        {
            loaded.Attach();
            return;
        }

        ReadKernelBefore();
        ReadKernelAfter();
        loaded.Attach();
        DirectRead.Try();

        // Twice: the first time proves the hooks by the read above, and takes the time of just-in-time compilation.
        DiskReading first = NewReading();
        for (int i = 0; i < 2; i++)
        {
            first.Begin([.. Hooks], 0);
            Take(first);
        }

        Begin();
    }

    private void ReadKernelBefore()
    {
        if (_kernel is null)
        {
            return;
        }

        _kernel.Read();
        foreach (DiskStatsRow row in _kernel.Rows.Values)
        {
            DeviceOf(row.Number, row);
        }

        foreach (DiskDevice device in _devices.Values)
        {
            device.TakeBefore(_kernel.Rows.GetValueOrDefault(device.Number));
        }
    }

    private void ReadKernelAfter()
    {
        if (_kernel is null)
        {
            return;
        }

        _kernel.Read();
        foreach (DiskDevice device in _devices.Values)
        {
            device.TakeAfter(_kernel.Rows.GetValueOrDefault(device.Number));
        }
    }

    private DiskDevice DeviceOf(uint number, DiskStatsRow? row)
    {
        ref DiskDevice? device = ref CollectionsMarshal.GetValueRefOrAddDefault(_devices, number, out _);
        if (device is null)
        {
            device = new DiskDevice(number, _sysFs);
            device.Describe(row?.Name);
        }

        return device;
    }

    private void AddDevices(DiskReading into)
    {
        foreach (DiskDevice device in _devices.Values)
        {
            device.Figures = null;
        }

        foreach ((ulong key, PerCpu<DiskSkeleton.DiskCounters> values) in _counters)
        {
            (uint number, int operation) = ((uint)(key >> 32), (int)(key & 0xffff));
            DiskDevice device = DeviceOf(number, null);
            device.See(operation);
            DiskFigures figures = device.Figures ??= into.Add(device);
            DiskSkeleton.DiskCounters total = Sum(values);
            DiskOperationFigures one = figures.OperationArray[operation];
            if (total.Operations < device.Last[operation].Operations || total.Bytes < device.Last[operation].Bytes)
            {
                // The entry was removed just before a kill, and is a new one.
                device.Last[operation] = default;
            }

            one.Add(device.Last[operation], total);
            one.IsSeen = true;
            figures.Bytes += one.Bytes;
            figures.Count += one.Count;
            device.Last[operation] = total;
        }
    }

    private static DiskSkeleton.DiskCounters Sum(PerCpu<DiskSkeleton.DiskCounters> values)
    {
        DiskSkeleton.DiskCounters total = default;
        foreach (ref readonly DiskSkeleton.DiskCounters one in values)
        {
            total.Bytes += one.Bytes;
            total.Operations += one.Operations;
            total.BytesApart += one.BytesApart;
            total.OperationsApart += one.OperationsApart;
            total.Untimed += one.Untimed;
            total.QueueSumNs += one.QueueSumNs;
            total.DeviceSumNs += one.DeviceSumNs;
            for (int slot = 0; slot < DiskSkeleton.UInt64Array40.Length; slot++)
            {
                total.Queue[slot] += one.Queue[slot];
                total.Device[slot] += one.Device[slot];
            }
        }

        return total;
    }

    // The kernel counts a request just after the program has; another CPU may be held between the two.
    private void Compare(DiskReading into, ulong misses)
    {
        if (_kernel is null)
        {
            into.Degrade("/proc/diskstats cannot be read, and there is nothing to compare with");
            return;
        }

        for (int i = 0; i < Settles && !CompareDevices(); i++)
        {
            Thread.SpinWait(1000);
            ReadKernelAfter();
        }

        ulong bytes = 0, count = 0, bytesLow = 0, bytesHigh = 0, countLow = 0, countHigh = 0;
        foreach (DiskDevice device in _devices.Values)
        {
            if (device.Truths is ({ } ofBytes, { } ofCount))
            {
                (bytes, bytesLow, bytesHigh) = (bytes + ofBytes.Measured, bytesLow + ofBytes.Low, bytesHigh + ofBytes.High);
                (count, countLow, countHigh) = (count + ofCount.Measured, countLow + ofCount.Low, countHigh + ofCount.High);
                if (!ofBytes.Holds || (!ofCount.Holds && misses == 0))
                {
                    into.Degrade($"{device.Name} has {ofBytes.Measured} bytes in {ofCount.Measured} requests, but /proc/diskstats says {ofBytes.Low} to {ofBytes.High} in {ofCount.Low} to {ofCount.High}");
                }
            }
        }

        if (misses > 0)
        {
            into.Degrade($"the kernel skipped the program at {misses} completions because it was already running on that CPU, and their bytes are not counted");
        }

        into.Add(new GroundTruth(MetricTable.DiskBytes.Name, BytesSource, bytes, bytesLow, bytesHigh));
        into.Add(new GroundTruth(MetricTable.DiskOperations.Name, CountSource, count + Math.Min(misses, Saturating.Subtract(countLow, count)), countLow, countHigh));
    }

    // True when no device is above what the kernel says.
    private bool CompareDevices()
    {
        bool isSettled = true;
        foreach (DiskDevice device in _devices.Values)
        {
            device.Compare(BytesSource, CountSource);
            isSettled &= device.Truths is not ({ Error: > 0 }, _) and not (_, { Error: > 0 });
        }

        return isSettled;
    }

    private void AddErrors(DiskReading into)
    {
        _disk.Maps.Errors.Read(_errors);
        foreach ((ulong key, ulong count) in _errors)
        {
            ref (ulong Count, string Name) last = ref CollectionsMarshal.GetValueRefOrAddDefault(_lastErrors, key, out bool isKnown);
            last.Name = isKnown ? last.Name : BlockErrors.Name((int)(key & 0xffff));
            ulong added = count < last.Count ? count : count - last.Count;
            last.Count = count;
            DiskDevice device = DeviceOf((uint)(key >> 32), null);
            var operation = (DiskOperation)((key >> 16) & 0xffff);
            into.Add(new DiskErrorFigures(device.Name, operation, last.Name, added));
            (device.Figures ??= into.Add(device))[operation].Errors += added;
        }
    }

    private void AddGroups(DiskReading into)
    {
        _disk.Maps.Cgroups.Read(_groups);
        foreach ((ulong id, PerCpu<DiskSkeleton.CgroupBytes> values) in _groups)
        {
            DiskSkeleton.CgroupBytes total = default;
            ulong sum = 0, lastSum = 0;
            ref DiskSkeleton.CgroupBytes last = ref CollectionsMarshal.GetValueRefOrAddDefault(_lastGroups, id, out _);
            foreach (ref readonly DiskSkeleton.CgroupBytes one in values)
            {
                for (int i = 0; i < DiskDevice.Operations; i++)
                {
                    total.Bytes[i] += one.Bytes[i];
                    sum += one.Bytes[i];
                }
            }

            for (int i = 0; i < DiskDevice.Operations; i++)
            {
                lastSum += last.Bytes[i];
            }

            if (sum < lastSum)
            {
                (last, lastSum) = (default, 0);
            }

            if (sum != lastSum)
            {
                into.AddCGroup(id, _names?.PathOf(id)).Set(last, total);
                last = total;
            }
            else if (_groups.Count > GroupsKept)
            {
                _disk.Maps.Cgroups.Remove(id);
                _lastGroups.Remove(id);
            }
        }

        into.OrderCGroups();
    }

    private void Observe(DiskReading into)
    {
        ulong ended = 0, timed = 0, untimed = 0;
        foreach (DiskFigures figures in into.DeviceList)
        {
            foreach (DiskOperationFigures one in figures.OperationArray)
            {
                ended += one.Count;
                timed += one.DeviceTime.Count;
                untimed += one.Untimed;
            }
        }

        // An issue is only known from the completion of its request: without any completion, nothing can be said of it.
        ulong? expected = Expected(into);
        foreach (MonitorHook hook in into.HookArray)
        {
            (ulong fired, ulong? counted) = hook.Name == IssueHook ? (timed, ended == 0 ? null : expected) : (ended, expected);
            hook.Observe(fired, counted);
        }

        if (_disk.Globals.NoRoom > 0)
        {
            into.Degrade("there are more devices, cgroups or kinds of errors than the maps have room for");
        }

        if (untimed > Math.Max(ended / 100, UntimedAtStart))
        {
            into.Degrade("the issue of more than 1 % of the requests was not seen, so their times are not known");
        }
    }

    // What the kernel counted on disks with requests. Those without are not wrong, but not seen either.
    private ulong? Expected(DiskReading into)
    {
        if (_kernel is null)
        {
            return null;
        }

        ulong expected = 0;
        _bioBased.Clear();
        foreach (DiskDevice device in _devices.Values)
        {
            ulong counted = device.IsComparable && !device.IsPartition ? Saturating.Subtract(device.Before.Operations, device.LastAfter.Operations) : 0;
            if (device.HasRequests)
            {
                expected += counted;
            }
            else if (counted > 0)
            {
                _bioBased.Add(device.Name);
            }
        }

        if (_bioBased.Count > 0)
        {
            if (!_bioBased.SequenceEqual(_lastBioBased))
            {
                _bioBasedReason = $"the I/O of {string.Join(", ", _bioBased)} has no requests and is only seen at the disks below";
                _lastBioBased = [.. _bioBased];
            }

            into.Degrade(_bioBasedReason);
        }

        return expected;
    }

    // A device that does not exist any more gives its entries back.
    private void Forget()
    {
        _gone.Clear();
        foreach (DiskDevice device in _devices.Values)
        {
            if (_kernel is not null && device.Absences >= ReadingsUntilForgotten && device.Number != 0)
            {
                _gone.Add(device);
            }
        }

        foreach (DiskDevice device in _gone)
        {
            _devices.Remove(device.Number);
            for (int operation = 0; operation < DiskDevice.Operations; operation++)
            {
                _disk.Maps.Disks.Remove(((ulong)device.Number << 32) | (uint)operation);
            }

            foreach (ulong key in _errors.Keys)
            {
                if (key >> 32 == device.Number)
                {
                    _disk.Maps.Errors.Remove(key);
                    _lastErrors.Remove(key);
                }
            }
        }
    }
}

/// <summary>The options for the start of a <see cref="DiskMonitor"/>.</summary>
public sealed class DiskMonitorOptions : MonitorOptions
{
    /// <summary>Creates the default options.</summary>
    public DiskMonitorOptions()
    {
    }

    internal DiskMonitorOptions(MonitorOptions other)
        : base(other)
    {
    }

    /// <summary>Counts the bytes of each cgroup too. Costs a look-up in a hash at each completion.</summary>
    public bool ByCGroup { get; init; }
}
