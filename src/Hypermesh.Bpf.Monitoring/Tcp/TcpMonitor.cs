using System.Runtime.CompilerServices;
using Hypermesh.Bpf.Monitoring.Hooks;
using Hypermesh.Bpf.Monitoring.Keeping;
using Hypermesh.Bpf.Monitoring.KernelCounters;
using Hypermesh.Bpf.Monitoring.Readings;
using Hypermesh.Bpf.Monitoring.Tcp;

namespace Hypermesh.Bpf.Monitoring;

/// <summary>
/// Measures TCP connections of the machine, or of one network namespace: how they begin and end, their lifetime, bytes, round-trip times and retransmissions (5.10). On request each connection that
/// ended is an event. Each reading has the counters of <c>/proc/net/snmp</c> beside the monitor's.
/// </summary>
/// <example>
/// <code>
/// await using TcpMonitor monitor = TcpMonitor.Start();
/// await foreach (TcpConnection one in monitor.ReadAllAsync())
/// {
///     Console.WriteLine($"{one.ProcessName} {one.Local} {one.Remote} {one.Life} {one.BytesAcknowledged} {one.BytesReceived}");
/// }
/// </code>
/// </example>
public sealed class TcpMonitor : KernelMonitor<TcpReading>
{
    private const string StateHook = "inet_sock_set_state";
    private const string ProbeHook = "tcp_probe";
    private const string RetransmitHook = "tcp_retransmit_skb";
    private const string SynAckHook = "tcp_retransmit_synack";
    private const string SocketsHook = "sockets";

    // In how many readings the sockets of one walk are shown.
    private const int MostStillReadings = 60;

    private readonly TcpSkeleton _tcp;
    private readonly SnmpFile _snmp;
    private readonly SnmpFile _netstat;
    private readonly string _namespaceFile;
    private readonly uint _namespace;
    private PerCpu<TcpSkeleton.TcpCounters> _lastCounters = PerCpu<TcpSkeleton.TcpCounters>.Allocate();
    private PerCpu<TcpSkeleton.TcpCounters> _counters = PerCpu<TcpSkeleton.TcpCounters>.Allocate();
    private TcpKernelCounts _before;
    private TcpKernelCounts _after;
    private ulong _dropped;
    private ulong _lastDelivered;
    private int _readers;
    private SocketCount? _sockets;
    private int _stillReadings;

    private TcpMonitor(LoadedMonitor<TcpSkeleton> loaded, TcpMonitorOptions options)
        : base("tcp", loaded, options)
    {
        _tcp = loaded.Skeleton;
        _snmp = new SnmpFile(options.ProcFs, "snmp");
        _netstat = new SnmpFile(options.ProcFs, "netstat");
        _namespaceFile = OwnNetwork.File(options.ProcFs);
        _namespace = _tcp.Globals.OwnNamespace;

        // A predecessor that was killed may have read events.
        _tcp.Globals.Events = false;
    }

    /// <summary>The loaded programs and maps.</summary>
    internal TcpSkeleton Loaded => _tcp;

    /// <summary>Loads and attaches the programs. Counting starts here.</summary>
    /// <param name="options">The options; null for the defaults.</param>
    /// <returns>The monitor; the caller disposes it.</returns>
    /// <remarks>
    /// Requires CAP_BPF and CAP_PERFMON, and kernel BTF (CONFIG_DEBUG_INFO_BTF). It makes one connection to itself on the loopback interface, which shows that the hooks fire.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException"><see cref="TcpMonitorOptions.MaxConnections"/> is not positive.</exception>
    /// <exception cref="BpfPermissionException">A capability is missing, or a policy refuses.</exception>
    /// <exception cref="BpfFeatureNotSupportedException">The kernel lacks a feature that the programs need.</exception>
    /// <exception cref="BpfException">The load or an attach failed for another reason.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static TcpMonitor Start(TcpMonitorOptions? options = null)
    {
        options ??= new TcpMonitorOptions();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.MaxConnections);
        uint own = OwnNetwork.Inode(options.ProcFs);
        LoadedMonitor<TcpSkeleton> loaded = MonitorLoader.Load("tcp", Chains(), options, static version => version is null ? TcpSkeleton.Open() : TcpSkeleton.Open(version), (spec, _) =>
        {
            spec.Globals.OwnNamespace = own;
            spec.Globals.OnlyOwn = options.OwnNamespaceOnly;
            spec.Maps.Connections.MaxEntries = (uint)options.MaxConnections;
            spec.Globals.WakeFrom = (ulong)options.EventBufferSize / 8;
            spec.Maps.Ended.MaxEntries = (uint)options.EventBufferSize;
        }, static (spec, load) => spec.Load(load));
        TcpMonitor? monitor = null;
        try
        {
            monitor = new TcpMonitor(loaded, options);
            loaded.Attach();
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
    public override TcpReading NewReading() => new();

    /// <summary>
    /// Reads the connections that end from now on, one at a time. While the ring that brings them is full, those that end are counted as <see cref="MonitorReading.Dropped"/>. One reader at a time.
    /// </summary>
    /// <param name="cancellationToken">Ends it with <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="BpfException">The connections are being read already.</exception>
    public async IAsyncEnumerable<TcpConnection> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _readers);
        try
        {
            _tcp.Globals.Events = true;
            await foreach (TcpSkeleton.TcpEnded one in _tcp.Maps.Ended.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                CountDelivered();
                yield return new TcpConnection(one);
            }
        }
        finally
        {
            StopEvents();
        }
    }

    /// <summary>The hooks of the monitor. States, probes and retransmissions also happen in tasks, which may be preempted.</summary>
    internal static IReadOnlyList<HookChain> Chains() =>
    [
        new(StateHook, true,
            new HookOption(HookSource.Tracepoint, "inet_sock_set_state_classic", StateHook, "skaddr, oldstate, newstate"),
            new HookOption(HookSource.TpBtf, "inet_sock_set_state", StateHook, "sock, int, int")),
        new(ProbeHook, false,
            new HookOption(HookSource.Tracepoint, "tcp_probe_classic", ProbeHook, "skaddr"),
            new HookOption(HookSource.TpBtf, "tcp_probe", ProbeHook, "sock, sk_buff")),
        new(RetransmitHook, false,
            new HookOption(HookSource.Tracepoint, "tcp_retransmit_skb_classic_err", RetransmitHook, "skbaddr, skaddr, err"),
            new HookOption(HookSource.Tracepoint, "tcp_retransmit_skb_classic", RetransmitHook, "trace_event_raw_tcp_event_sk_skb: skbaddr, skaddr"),
            new HookOption(HookSource.TpBtf, "tcp_retransmit_skb", RetransmitHook, "sock, sk_buff", "sock, sk_buff, int")),
        new(SynAckHook, false,
            new HookOption(HookSource.Tracepoint, "tcp_retransmit_synack_classic", SynAckHook, "skaddr, req"),
            new HookOption(HookSource.TpBtf, "tcp_retransmit_synack", SynAckHook, "sock, request_sock")),
        new(SocketsHook, false, new HookOption(HookSource.Iterator, "count_sockets", "bpf_iter_tcp")),
    ];

    private protected override void Take(TcpReading into)
    {
        (TcpKernelCounts lastBefore, TcpKernelCounts lastAfter) = (_before, _after);
        ReadAll(into);
        Own from = default, to = default;
        foreach (int cpu in PossibleCpus.Current.Numbers)
        {
            into.Add(_lastCounters[cpu], _counters[cpu]);
            from.Add(_lastCounters[cpu]);
            to.Add(_counters[cpu]);
        }

        ulong dropped = _tcp.Maps.Ended.Dropped, delivered = _tcp.Globals.Delivered;
        into.Dropped = Saturating.Subtract(dropped, _dropped);
        into.EventsDelivered = Saturating.Subtract(delivered, _lastDelivered);
        (_dropped, _lastDelivered) = (dropped, delivered);

        Own own = to.Since(from);
        ulong failed = _after.FailedRetransmits - lastBefore.FailedRetransmits;
        into.Add(new GroundTruth("hypermesh.tcp.state.changes", "ActiveOpens and PassiveOpens of /proc/net/snmp", own.Opens, _before.Opens - lastAfter.Opens, _after.Opens - lastBefore.Opens, PossibleCpus.Current.Count));
        into.Add(new GroundTruth(
            "hypermesh.tcp.retransmits", "RetransSegs of /proc/net/snmp", own.Retransmits, Saturating.Subtract(_before.Retransmits - lastAfter.Retransmits, failed), _after.Retransmits - lastBefore.Retransmits, PossibleCpus.Current.Count));
        if (into.HasSockets)
        {
            ulong open = into.SocketsIn(TcpState.Established) + into.SocketsIn(TcpState.CloseWait);
            into.Add(new GroundTruth(
                "system.network.connection.count", "CurrEstab of /proc/net/snmp", open, Math.Min(_before.Established, _after.Established), Math.Max(_before.Established, _after.Established), PossibleCpus.Current.Count));
        }

        ObserveHooks(into, own, lastAfter, failed);
        if (own.NoRoom > 0)
        {
            into.Degrade("there are more connections than the map of connections has room for: the life of some is not known");
        }
    }

    private protected override void SaveCounts(ref StateWriter into)
    {
        into.Write(_namespace);
        into.Write(_before);
        into.Write(_after);
        into.Write(_dropped);
        into.Write(_lastDelivered);
        foreach (int cpu in PossibleCpus.Current.Numbers)
        {
            into.Write(_counters[cpu]);
        }
    }

    private protected override bool TryRestoreCounts(StateReader from)
    {
        if (from.Read<uint>() != _namespace)
        {
            return false;
        }

        (_before, _after) = (from.Read<TcpKernelCounts>(), from.Read<TcpKernelCounts>());
        (_dropped, _lastDelivered) = (from.Read<ulong>(), from.Read<ulong>());
        foreach (int cpu in PossibleCpus.Current.Numbers)
        {
            _counters.Set(cpu, from.Read<TcpSkeleton.TcpCounters>());
        }

        return true;
    }

    private protected override void DisposeOwn()
    {
        _snmp.Dispose();
        _netstat.Dispose();
    }

    private void CountDelivered()
    {
        try
        {
            _tcp.Globals.Delivered++;
        }
        catch (ObjectDisposedException)
        {
            // The monitor ended while its events were read.
        }
    }

    // A second reader is refused, and leaves the events to the first one.
    private void StopEvents()
    {
        try
        {
            if (Interlocked.Decrement(ref _readers) == 0)
            {
                _tcp.Globals.Events = false;
            }
        }
        catch (ObjectDisposedException)
        {
            // The monitor ended while its events were read.
        }
    }

    /// <summary>Reads everything once, after a connection of our own, so that it is known which hooks fire; then starts the first period.</summary>
    private void Prove()
    {
        if (TryContinue())
        {
            return;
        }

        ReadAll(null);
        OwnConnection.Make();
        ReadAll(null);
        Own from = default, to = default;
        foreach (int cpu in PossibleCpus.Current.Numbers)
        {
            from.Add(_lastCounters[cpu]);
            to.Add(_counters[cpu]);
        }

        foreach (MonitorHook hook in Hooks)
        {
            hook.Observe(CountOf(hook, to.Since(from), null), null);
        }

        ReadAll(null);
        (_dropped, _lastDelivered) = (_tcp.Maps.Ended.Dropped, _tcp.Globals.Delivered);
        Begin();
    }

    // The older copy is overwritten and exchanged at the end, so that nothing is counted twice after a read that failed.
    private void ReadAll(TcpReading? into)
    {
        TcpKernelCounts before = TcpKernelCounts.Read(_snmp, _netstat);
        _tcp.Maps.Counters.Read(0, _lastCounters);
        ReadSockets(into, before, ChangesIn(_lastCounters));
        (_before, _after) = (before, TcpKernelCounts.Read(_snmp, _netstat));
        (_lastCounters, _counters) = (_counters, _lastCounters);
    }

    // The iterator walks the sockets of the namespace of the thread that reads, and each of the kernel's buckets for them: several milliseconds. While nothing has happened they are those of the last walk, for some readings: the programs may have missed a change.
    private void ReadSockets(TcpReading? into, in TcpKernelCounts before, ulong changes)
    {
        if (!_tcp.Programs.CountSockets.IsLoaded)
        {
            return;
        }

        if (!InodeNumber.TryRead(_namespaceFile, out ulong number) || number != _namespace)
        {
            into?.Degrade("the sockets by state are not counted: the thread that reads is in another network namespace than the one that started the monitor");
            return;
        }

        if (_sockets is not { } known || _stillReadings >= MostStillReadings || !known.IsStill(before, changes))
        {
            _stillReadings = 0;
            _tcp.Globals.Sockets = default;
            _tcp.Programs.CountSockets.Run();
            _sockets = known = new SocketCount(_tcp.Globals.Sockets, changes, before.Segments);
        }

        _stillReadings++;
        if (into is not null)
        {
            into.HasSockets = true;
            known.ByState.AsSpan().CopyTo(into.Sockets);
        }
    }

    private static ulong ChangesIn(PerCpu<TcpSkeleton.TcpCounters> counters)
    {
        ulong changes = 0;
        foreach (int cpu in PossibleCpus.Current.Numbers)
        {
            changes += counters[cpu].Changed;
        }

        return changes;
    }

    private static ulong CountOf(MonitorHook hook, in Own own, TcpReading? reading) => hook.Name switch
    {
        StateHook => own.Changed,
        ProbeHook => own.Probes,
        RetransmitHook => own.Retransmitted,
        SynAckHook => own.SynAcks,
        _ => reading is null ? 0 : Sum(reading.Sockets),
    };

    private static ulong Sum(ulong[] values)
    {
        ulong sum = 0;
        foreach (ulong value in values)
        {
            sum += value;
        }

        return sum;
    }

    private void ObserveHooks(TcpReading into, in Own own, in TcpKernelCounts last, ulong failed)
    {
        ulong syn = _before.SynRetransmits - last.SynRetransmits;
        bool seesSyn = false;
        foreach (MonitorHook hook in into.HookArray)
        {
            ulong? expected = hook.Name switch
            {
                StateHook => _before.Opens - last.Opens,
                ProbeHook => _before.FastSegments - last.FastSegments,
                RetransmitHook => Saturating.Subtract(_before.Retransmits - last.Retransmits, syn + failed),

                // The kernel has one count of both SYN and SYN with ACK: it says nothing of this hook where the other one may be blind.
                SynAckHook => seesSyn ? Saturating.Subtract(syn, own.SynSent) : null,
                _ => into.HasSockets ? Math.Min(_before.Established, _after.Established) : null,
            };
            hook.Observe(CountOf(hook, own, into), expected);
            seesSyn |= hook is { Name: RetransmitHook, State: HookState.Fired };
        }
    }

    /// <summary>The sockets by state as they were counted, and what had happened before that.</summary>
    private readonly struct SocketCount(TcpSkeleton.UInt64Array16 byState, ulong changes, ulong segments)
    {
        internal readonly TcpSkeleton.UInt64Array16 ByState = byState;

        /// <summary>
        /// True while they are most likely the same: no socket has changed its state, no segment came in (a SYN makes a socket before any state changes), none ends by a timer that shows no change of state, and
        /// the kernel's count of open connections is theirs.
        /// </summary>
        internal bool IsStill(in TcpKernelCounts now, ulong changesNow)
            => changesNow == changes && now.Segments == segments && ByState[(int)TcpState.TimeWait] == 0 && ByState[TcpStates.Request] == 0
                && ByState[(int)TcpState.Established] + ByState[(int)TcpState.CloseWait] == now.Established;
    }

    /// <summary>What the programs counted that is compared with the kernel's counters, on all CPUs.</summary>
    private struct Own
    {
        internal ulong Changed;
        internal ulong Probes;
        internal ulong Retransmitted;
        internal ulong SynAcks;
        internal ulong Opens;
        internal ulong Retransmits;
        internal ulong SynSent;
        internal ulong NoRoom;

        internal void Add(in TcpSkeleton.TcpCounters one)
        {
            Changed += one.Changed;
            Probes += one.Probes;
            Retransmitted += one.Retransmitted;
            SynAcks += one.Synacks;
            Opens += one.OwnOpenedIn + one.OwnOpenedOut;
            Retransmits += one.OwnRetransmits;
            SynSent += one.Retransmits[(int)TcpState.SynSent * 2] + one.Retransmits[((int)TcpState.SynSent * 2) + 1];
            NoRoom += one.NoRoom;
        }

        internal readonly Own Since(in Own from) => new()
        {
            Changed = Changed - from.Changed,
            Probes = Probes - from.Probes,
            Retransmitted = Retransmitted - from.Retransmitted,
            SynAcks = SynAcks - from.SynAcks,
            Opens = Opens - from.Opens,
            Retransmits = Retransmits - from.Retransmits,
            SynSent = SynSent - from.SynSent,
            NoRoom = NoRoom - from.NoRoom,
        };
    }
}

/// <summary>The options for the start of a <see cref="TcpMonitor"/>.</summary>
public sealed class TcpMonitorOptions : MonitorOptions
{
    /// <summary>Creates the default options.</summary>
    public TcpMonitorOptions()
    {
    }

    internal TcpMonitorOptions(MonitorOptions other)
        : base(other)
    {
    }

    /// <summary>Counts only the connections of the network namespace of the thread that starts the monitor, not those of the whole machine.</summary>
    public bool OwnNamespaceOnly { get; init; }

    /// <summary>The most connections whose start is remembered; each takes about 100 bytes of kernel memory from the start on.</summary>
    public int MaxConnections { get; init; } = 32_768;

    /// <summary>The size of the buffer of connections that ended, in bytes: a power of two, at least a page.</summary>
    public int EventBufferSize { get; init; } = 1024 * 1024;
}
