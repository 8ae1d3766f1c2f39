using Hypermesh.Bpf.Monitoring.Figures;
using Hypermesh.Bpf.Monitoring.Hooks;
using Hypermesh.Bpf.Monitoring.Keeping;
using Hypermesh.Bpf.Monitoring.KernelCounters;
using Hypermesh.Bpf.Monitoring.Network;
using Hypermesh.Bpf.Monitoring.Readings;

namespace Hypermesh.Bpf.Monitoring;

/// <summary>
/// Counts packets and bytes of the interfaces of one network namespace (that of the thread that starts it), by direction and protocol, and the packets that the kernel of the machine drops, by
/// reason (5.10). It uses tracepoints, which change nothing, on all interfaces; XDP and TC only on interfaces that <see cref="NetworkMonitorOptions.Interfaces"/> names. Each reading has the
/// counters of <c>/proc/net/dev</c> beside the monitor's.
/// </summary>
/// <example>
/// <code>
/// await using NetworkMonitor monitor = NetworkMonitor.Start();
/// NetworkReading reading = monitor.NewReading();
/// while (true)
/// {
///     Thread.Sleep(1000);
///     monitor.Read(reading);
///     foreach (NetworkInterfaceFigures one in reading.Interfaces)
///     {
///         Console.WriteLine($"{one.Name}: {one.Received.Bytes} bytes received, {one.Transmitted.Bytes} transmitted");
///     }
/// }
/// </code>
/// </example>
public sealed class NetworkMonitor : KernelMonitor<NetworkReading>
{
    private const string ReceiveHook = "netif_receive_skb";
    private const string StartHook = "net_dev_start_xmit";
    private const string TransmitHook = "net_dev_xmit";
    private const string DropHook = "kfree_skb";

    private readonly NetworkSkeleton _network;
    private readonly NetDevFile _devices;
    private readonly SnmpFile _snmp;
    private readonly StackedInterfaces _stacked;
    private readonly string[] _reasons;
    private AttachedInterface[] _attached = [];
    private readonly PerCpu<NetworkSkeleton.HookedTraffic> _hooked = PerCpu<NetworkSkeleton.HookedTraffic>.Allocate();
    private readonly BpfPerCpuMapBatch<uint, NetworkSkeleton.InterfaceTraffic> _batch = new();
    private readonly PerCpu<NetworkSkeleton.Totals> _perCpu = PerCpu<NetworkSkeleton.Totals>.Allocate();
    private readonly Dictionary<uint, InterfaceEntry> _entries = [];
    private readonly DirectionTotals _received = new();
    private readonly DirectionTotals _transmitted = new();
    private readonly ulong[] _drops;
    private readonly ulong[] _lastDrops;
    private Counts _last;
    private uint _generation;
    private long _number;

    private NetworkMonitor(LoadedMonitor<NetworkSkeleton> loaded, NetworkMonitorOptions options)
        : base("network", loaded, options)
    {
        _network = loaded.Skeleton;
        _generation = _network.Globals.NamesGeneration;
        _devices = new NetDevFile(options.ProcFs);
        _snmp = new SnmpFile(options.ProcFs, "snmp");
        _stacked = new StackedInterfaces(options.SysFs);
        _drops = new ulong[NetworkSkeleton.UInt64Array256.Length];
        _lastDrops = new ulong[_drops.Length];
        using (KernelBtf kernel = KernelBtf.Acquire())
        {
            _reasons = DropReasons.Read(kernel.Types, _drops.Length);
        }
    }

    /// <summary>The loaded programs and maps.</summary>
    internal NetworkSkeleton Loaded => _network;

    /// <summary>Loads and attaches the programs. Counting starts here.</summary>
    /// <param name="options">The options; null for the defaults.</param>
    /// <returns>The monitor; the caller disposes it.</returns>
    /// <remarks>
    /// Requires CAP_BPF and CAP_PERFMON, and kernel BTF (CONFIG_DEBUG_INFO_BTF); with <see cref="NetworkMonitorOptions.UseXdp"/> CAP_NET_ADMIN too. It sends one datagram to itself on the
    /// loopback interface, which shows that the hooks fire.
    /// </remarks>
    /// <exception cref="ArgumentException">XDP is asked for, and no interface is named.</exception>
    /// <exception cref="BpfPermissionException">A capability is missing, or a policy refuses.</exception>
    /// <exception cref="BpfFeatureNotSupportedException">The kernel lacks a feature that the programs need.</exception>
    /// <exception cref="BpfException">The load or an attach failed for another reason.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static NetworkMonitor Start(NetworkMonitorOptions? options = null)
    {
        options ??= new NetworkMonitorOptions();
        if (options.UseXdp && options.Interfaces.Count == 0)
        {
            throw new ArgumentException($"{nameof(NetworkMonitorOptions.UseXdp)} attaches to the interfaces that {nameof(NetworkMonitorOptions.Interfaces)} names, and it names none.", nameof(options));
        }

        uint own = OwnNetwork.Inode(options.ProcFs);
        IReadOnlyList<HookChain> chains = Chains(options.UseXdp ? options.Interfaces : []);
        LoadedMonitor<NetworkSkeleton> loaded = MonitorLoader.Load("network", chains, options, static version => version is null ? NetworkSkeleton.Open() : NetworkSkeleton.Open(version), (spec, _) =>
        {
            spec.Globals.OwnNamespace = own;
        }, static (spec, load) => spec.Load(load));
        NetworkMonitor? monitor = null;
        try
        {
            monitor = new NetworkMonitor(loaded, options);
            loaded.Attach();
            monitor.Attach(options);
            monitor.Prove();
            return monitor;
        }
        catch
        {
            loaded.Undo(monitor);
            throw;
        }
    }

    /// <inheritdoc/>
    public override NetworkReading NewReading() => new();

    /// <summary>The hooks of the monitor.</summary>
    /// <param name="interfaces">The interfaces to which XDP and TC are attached.</param>
    internal static IReadOnlyList<HookChain> Chains(params IReadOnlyList<string> interfaces) =>
    [
        new(ReceiveHook, true, new HookOption(HookSource.TpBtf, "netif_receive_skb", ReceiveHook, "sk_buff")),
        new(TransmitHook, true, new HookOption(HookSource.TpBtf, "net_dev_xmit", TransmitHook, "sk_buff, int, net_device, unsigned_int")),
        new(StartHook, true, new HookOption(HookSource.TpBtf, "net_dev_start_xmit", StartHook, "sk_buff, net_device")),

        // Packets are dropped in tasks too, which may be preempted.
        new(DropHook, false,
            new HookOption(HookSource.Tracepoint, "kfree_skb_classic", DropHook, "reason"),
            new HookOption(HookSource.TpBtf, "kfree_skb", DropHook, "sk_buff, *", "sk_buff, *, skb_drop_reason", "sk_buff, *, skb_drop_reason, sock")),
        .. interfaces.SelectMany(static name => new HookChain[]
        {
            new(AttachedInterface.ReceiveHook(name), false, new HookOption(HookSource.Xdp, "network_xdp_frags", "xdp.frags"), new HookOption(HookSource.Xdp, "network_xdp", "xdp")),
            new(AttachedInterface.TransmitHook(name), false, new HookOption(HookSource.Tcx, "network_egress", "tcx/egress")),
        }),
    ];

    private protected override void Take(NetworkReading into)
    {
        Counts last = _last;
        ReadKernelAndPrograms();
        into.ReceivedElsewhere = _last.ReceivedElsewhere - last.ReceivedElsewhere;
        into.Refused = _last.Refused - last.Refused;
        foreach ((uint index, PerCpu<NetworkSkeleton.InterfaceTraffic> values) in _batch)
        {
            TakeInterface(into, index, values);
        }

        var truth = default(Truth);
        AddSilent(into);
        foreach (NetworkInterfaceFigures one in into.InterfaceList)
        {
            KernelInterface? kernel = _devices.FindName(one.Name);
            if (kernel is not null)
            {
                one.SeesReceived = !_stacked.Contains(one.Name);
                AddKernel(one, kernel);
                truth.Add(one, kernel);
            }
        }

        truth.AddTo(into);
        ObserveAttached(into);
        foreach (NetworkInterfaceFigures one in into.InterfaceList)
        {
            into.Total.Received.Add(one.Received);
            into.Total.Transmitted.Add(one.Transmitted);
        }

        TakeDrops(into);
        ObserveHooks(into, last, truth);
        RemoveGone();
        if (_network.Globals.InterfacesFull > 0)
        {
            into.Degrade("there are more interfaces than the map of interfaces has room for");
        }
    }

    private protected override void SaveCounts(ref StateWriter into)
    {
        into.Write(_network.Globals.OwnNamespace);
        into.Write(_last);
        into.WriteAll<ulong>(_lastDrops);
        _devices.Save(ref into);
        into.Write(_entries.Count);
        foreach ((uint index, InterfaceEntry entry) in _entries)
        {
            into.Write(index);
            entry.Save(ref into);
        }

        into.Write(_attached.Length);
        foreach (AttachedInterface attached in _attached)
        {
            into.Write(attached.Index);
            attached.LastReceived.Save(ref into);
            attached.LastTransmitted.Save(ref into);
        }
    }

    private protected override bool TryRestoreCounts(StateReader from)
    {
        if (from.Read<uint>() != _network.Globals.OwnNamespace)
        {
            return false;
        }

        _last = from.Read<Counts>();
        from.ReadAll<ulong>(_lastDrops);
        _devices.Restore(from);
        for (int left = from.Read<int>(); left > 0; left--)
        {
            uint index = from.Read<uint>();
            var entry = new InterfaceEntry();
            entry.Restore(from);
            _entries[index] = entry;
        }

        // What is attached now, and was not then, begins with what its map has.
        Array.ForEach(_attached, ReadHooked);
        for (int left = from.Read<int>(); left > 0; left--)
        {
            int index = from.Read<int>();
            AttachedInterface? attached = index == 0 ? null : Array.Find(_attached, one => one.Index == index);
            (attached?.LastReceived ?? new()).Restore(from);
            (attached?.LastTransmitted ?? new()).Restore(from);
        }

        return true;
    }

    private protected override void DisposeOwn()
    {
        _devices.Dispose();
        _snmp.Dispose();
    }

    private static void AddKernel(NetworkInterfaceFigures one, KernelInterface kernel)
    {
        InterfaceCounts added = KernelRange.Difference(kernel.IsNew ? default : kernel.LastAfter, kernel.After);
        (one.Received.KernelPackets, one.Received.KernelBytes, one.Received.KernelDrops, one.Received.KernelErrors)
            = (added.ReceivedPackets, added.ReceivedBytes, added.ReceiveDrops, added.ReceiveErrors);
        (one.Transmitted.KernelPackets, one.Transmitted.KernelBytes, one.Transmitted.KernelDrops, one.Transmitted.KernelErrors)
            = (added.TransmittedPackets, added.TransmittedBytes, added.TransmitDrops, added.TransmitErrors);
    }

    private void Attach(NetworkMonitorOptions options)
        => _attached = options.UseXdp ? [.. options.Interfaces.Select(name => AttachedInterface.Attach(name, _network, Hooks))] : [];

    /// <summary>Reads everything once, after a packet of our own, so that it is known which hooks fire; then starts the first period.</summary>
    private void Prove()
    {
        if (TryContinue())
        {
            return;
        }

        ReadKernelAndPrograms();
        Counts first = _last;
        ulong received = ReceivedPackets();
        OwnDatagram.Send();
        ReadKernelAndPrograms();
        foreach (MonitorHook hook in Hooks)
        {
            hook.Observe(hook.Name switch
            {
                ReceiveHook => ReceivedPackets() - received,
                StartHook => _last.Started - first.Started,
                TransmitHook => _last.Finished - first.Finished,
                DropHook => _last.Dropped - first.Dropped,
                _ => 0,
            }, null);
        }

        ReadKernelAndPrograms();
        foreach ((uint index, PerCpu<NetworkSkeleton.InterfaceTraffic> values) in _batch)
        {
            TakeInterface(null, index, values);
        }

        _drops.CopyTo(_lastDrops, 0);
        foreach (AttachedInterface attached in _attached)
        {
            ReadHooked(attached);
        }

        Begin();
    }

    private void ReadKernelAndPrograms()
    {
        _number++;
        _devices.ReadBefore();
        _network.Globals.NamesGeneration = ++_generation;
        _network.Maps.Interfaces.Read(_batch);
        _network.Maps.Totals.Read(0, _perCpu);
        _devices.ReadAfter();
        ReadOnlySpan<byte> text = _snmp.Read();
        Counts counts = default;
        counts.KernelDrops = SnmpFile.Find(text, "Udp"u8, "NoPorts"u8) + SnmpFile.Find(text, "Udp"u8, "RcvbufErrors"u8);
        Array.Clear(_drops);
        foreach (ref readonly NetworkSkeleton.Totals one in _perCpu)
        {
            counts.ReceivedElsewhere += one.ReceivedElsewhere;
            counts.Started += one.Started;
            counts.Finished += one.Finished;
            counts.Refused += one.Refused;
            counts.Dropped += one.Dropped;
            counts.OtherDrops += one.OtherDrops;
            for (int reason = 0; reason < _drops.Length; reason++)
            {
                _drops[reason] += one.Drops[reason];
            }
        }

        _last = counts;
    }

    private ulong ReceivedPackets()
    {
        ulong packets = _last.ReceivedElsewhere;
        foreach ((uint _, PerCpu<NetworkSkeleton.InterfaceTraffic> values) in _batch)
        {
            foreach (ref readonly NetworkSkeleton.InterfaceTraffic one in values)
            {
                for (int i = 0; i < NetworkProtocols.Count; i++)
                {
                    packets += one.Received.Protocols[i].Packets;
                }
            }
        }

        return packets;
    }

    private void TakeInterface(NetworkReading? into, uint index, PerCpu<NetworkSkeleton.InterfaceTraffic> values)
    {
        if (!_entries.TryGetValue(index, out InterfaceEntry? entry))
        {
            _entries.Add(index, entry = new InterfaceEntry());
        }

        entry.Seen = _number;
        _received.Clear();
        _transmitted.Clear();
        ulong newest = 0;
        foreach (ref readonly NetworkSkeleton.InterfaceTraffic one in values)
        {
            _received.Add(one.Received);
            _transmitted.Add(one.Transmitted);
            if (one.Generation > newest)
            {
                newest = one.Generation;
                entry.SetName(one.Name.AsSpan());
            }
        }

        if (_received.IsLessThan(entry.LastReceived) || _transmitted.IsLessThan(entry.LastTransmitted))
        {
            // The entry was removed just before a kill, and is a new one.
            entry.LastReceived.Clear();
            entry.LastTransmitted.Clear();
        }

        if (into is not null)
        {
            NetworkInterfaceFigures figures = into.AddInterface(entry.Name, (int)index);
            figures.Received.Add(entry.LastReceived, _received);
            figures.Transmitted.Add(entry.LastTransmitted, _transmitted);
        }

        _received.CopyTo(entry.LastReceived);
        _transmitted.CopyTo(entry.LastTransmitted);
    }

    // Interfaces that have never had a packet.
    private void AddSilent(NetworkReading into)
    {
        foreach (KernelInterface kernel in _devices.Interfaces)
        {
            if (into.Find(kernel.Name) is null)
            {
                into.AddInterface(kernel.Name, 0);
            }
        }
    }

    private void ObserveAttached(NetworkReading into)
    {
        foreach (AttachedInterface attached in _attached)
        {
            NetworkInterfaceFigures? figures = into.Find(attached.Name);
            KernelInterface? kernel = _devices.FindName(attached.Name);
            if (figures is null || kernel is null)
            {
                attached.Observe(0, null, 0, null);
                continue;
            }

            (ulong received, ulong transmitted) = TakeHooked(attached, figures);
            var range = KernelRange.Of(kernel);
            if (attached.CountsReceived)
            {
                into.Add(new GroundTruth("system.network.packet.count/xdp", "received packets of /proc/net/dev", received, range.Low.ReceivedPackets, range.High.ReceivedPackets));
            }

            attached.Observe(received, range.Low.ReceivedPackets, transmitted, range.Low.TransmittedPackets);
        }
    }

    // What XDP and TC counted replaces what the tracepoints counted at the same interface.
    private (ulong Received, ulong Transmitted) TakeHooked(AttachedInterface attached, NetworkInterfaceFigures figures)
    {
        DirectionTotals lastReceived = _received, lastTransmitted = _transmitted;
        attached.LastReceived.CopyTo(lastReceived);
        attached.LastTransmitted.CopyTo(lastTransmitted);
        ReadHooked(attached);
        if (attached.CountsReceived)
        {
            figures.Received.ClearCounts(HookSource.Xdp);
            figures.Received.Add(lastReceived, attached.LastReceived);
            figures.ReceivedAfterGro = !attached.IsNative;
        }

        if (attached.CountsTransmitted)
        {
            figures.Transmitted.ClearCounts(HookSource.Tcx);
            figures.Transmitted.Add(lastTransmitted, attached.LastTransmitted);
        }

        return (attached.CountsReceived ? figures.Received.Packets : 0, attached.CountsTransmitted ? figures.Transmitted.Packets : 0);
    }

    private void ReadHooked(AttachedInterface attached)
    {
        if (attached.Index == 0 || !_network.Maps.Hooked.TryGetValue((uint)attached.Index, _hooked))
        {
            return;
        }

        attached.LastReceived.Clear();
        attached.LastTransmitted.Clear();
        foreach (ref readonly NetworkSkeleton.HookedTraffic one in _hooked)
        {
            attached.LastReceived.Add(one.Received);
            attached.LastTransmitted.Add(one.Transmitted);
        }
    }

    private void TakeDrops(NetworkReading into)
    {
        for (int reason = 0; reason < _drops.Length; reason++)
        {
            if (_drops[reason] > _lastDrops[reason])
            {
                into.AddDrop(_reasons[reason], _drops[reason] - _lastDrops[reason]);
            }
        }

        _drops.CopyTo(_lastDrops, 0);
    }

    private void ObserveHooks(NetworkReading into, in Counts last, in Truth truth)
    {
        if (_last.OtherDrops > last.OtherDrops)
        {
            into.AddDrop(DropReasons.Other, _last.OtherDrops - last.OtherDrops);
        }

        foreach (MonitorHook hook in into.HookArray)
        {
            switch (hook.Name)
            {
                case ReceiveHook: hook.Observe(truth.Received + into.ReceivedElsewhere, truth.ReceivedLow); break;
                case StartHook: hook.Observe(_last.Started - last.Started, truth.TransmittedLow); break;
                case TransmitHook: hook.Observe(_last.Finished - last.Finished, truth.TransmittedLow); break;
                case DropHook: hook.Observe(_last.Dropped - last.Dropped, _last.KernelDrops - last.KernelDrops); break;
            }
        }
    }

    // An interface that is gone, or whose name another one has now: its last packets are in this reading.
    private void RemoveGone()
    {
        foreach ((uint index, InterfaceEntry entry) in _entries)
        {
            if (entry.Seen < _number)
            {
                _entries.Remove(index);
            }
            else if (entry.Name.Length > 0 && (_devices.Find(entry.NameBytes) is null || HasSuccessor(index, entry)))
            {
                _network.Maps.Interfaces.Remove(index);
                _entries.Remove(index);
            }
        }
    }

    private bool HasSuccessor(uint index, InterfaceEntry entry)
    {
        foreach ((uint other, InterfaceEntry one) in _entries)
        {
            if (other > index && one.Name == entry.Name)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>What the programs and the kernel had counted at one moment, beside the interfaces.</summary>
    private struct Counts
    {
        internal ulong ReceivedElsewhere;
        internal ulong Started;
        internal ulong Finished;
        internal ulong Refused;
        internal ulong Dropped;
        internal ulong OtherDrops;
        internal ulong KernelDrops;
    }
}

/// <summary>The options for the start of a <see cref="NetworkMonitor"/>.</summary>
public sealed class NetworkMonitorOptions : MonitorOptions
{
    /// <summary>Creates the default options.</summary>
    public NetworkMonitorOptions()
    {
    }

    internal NetworkMonitorOptions(MonitorOptions other)
        : base(other)
    {
    }

    /// <summary>The interfaces to which XDP and TC are attached when <see cref="UseXdp"/> is set.</summary>
    public IReadOnlyList<string> Interfaces { get; init; } = [];

    /// <summary>
    /// Counts the packets of <see cref="Interfaces"/> by XDP (received; before GRO where the driver runs it, else after) and TCX (transmitted, 6.6). This changes the interface: a driver
    /// may set up its queues again, which interrupts the link for a moment, and turns off what does not go with XDP, such as LRO; a veth switches to NAPI. An interface whose XDP or TC has a program
    /// already is left alone, and the reason names that program.
    /// </summary>
    public bool UseXdp { get; init; }
}
