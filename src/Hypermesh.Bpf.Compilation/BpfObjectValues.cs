using System.Text.Json.Nodes;
using Hypermesh.Bpf.Compilation.Values;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Compilation;

/// <summary>
/// The maps, globals and events of a live object as values of their BTF types, without generated code. The members <c>kstack</c> and <c>ustack</c> of monitors that
/// <see cref="BpfMonitorBuilder"/> built are shown as the functions on those stacks. It is valid until the object is disposed, and needs no capability beyond having the object.
/// </summary>
public sealed class BpfObjectValues
{
    private const string DroppedSuffix = "__dropped";
    private const string ArgumentPrefix = "hm_arg";

    private static readonly HashSet<BpfMapType> s_readable =
    [
        BpfMapType.Hash, BpfMapType.Array, BpfMapType.PerCpuHash, BpfMapType.PerCpuArray, BpfMapType.LruHash, BpfMapType.LruPerCpuHash, BpfMapType.LpmTrie,
    ];

    private readonly BpfObjectSpec _spec;
    private readonly BpfObject _live;
    private readonly BtfValueReader? _reader;
    private readonly StackValues? _stacks;

    /// <summary>Creates the view.</summary>
    /// <param name="spec">What the object was loaded from.</param>
    /// <param name="live">The loaded object.</param>
    public BpfObjectValues(BpfObjectSpec spec, BpfObject live)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(live);
        _spec = spec;
        _live = live;
        _reader = spec.Btf is { } types ? new BtfValueReader(types) : null;
        foreach (BpfMapSpec map in spec.Maps.Where(map => map.Type == BpfMapType.PerfEventArray && IsOfEvents(map)))
        {
            PerfBuffer(map.Name);
        }

        _stacks = spec.Maps.Any(static map => map is { Name: StackValues.Map, Type: BpfMapType.StackTrace }) && IsLoaded(StackValues.Map) ? new StackValues(live.GetMap(StackValues.Map)) : null;
    }

    /// <summary>The names of the maps with keys and values: hashes, arrays, their LRU and per-CPU forms, and LPM tries. The counters of dropped records are not among them.</summary>
    public IReadOnlyList<string> Maps => [.. _spec.Maps.Where(map => s_readable.Contains(map.Type) && IsLoaded(map.Name) && !IsDropCounter(map.Name)).Select(static map => map.Name)];

    /// <summary>The names of the maps with events: ring buffers, and perf event arrays whose records have a type. The latter keep events from the time on when this view was created.</summary>
    public IReadOnlyList<string> EventMaps => [.. _spec.Maps.Where(IsOfEvents).Select(static map => map.Name)];

    /// <summary>The records for which a ring buffer or perf event array had no room: of ring buffers as far as the C counts them (<c>hm_reserve</c>, <c>hm_output</c>), of perf event arrays as far as they have been read.</summary>
    /// <exception cref="ObjectDisposedException">The object is disposed.</exception>
    public long Dropped
        => _spec.Maps.Where(map => IsLoaded(map.Name) && IsDropCounter(map.Name)).SelectMany(map => ReadMap(map.Name)).Sum(static entry => entry.Value is JsonValue value && value.TryGetValue(out ulong count) ? (long)count : 0)
            + _spec.Maps.Where(map => map.Type == BpfMapType.PerfEventArray && IsOfEvents(map)).Sum(map => (long)PerfBuffer(map.Name).Lost);

    /// <summary>Reads all entries of a map. Programs may change it meanwhile. The values of all CPUs are added up: integers are, and of anything else the first CPU's is taken.</summary>
    /// <param name="name">The map's name in C.</param>
    /// <exception cref="BpfException">The object has no such map, or the map cannot be read.</exception>
    /// <exception cref="ObjectDisposedException">The object is disposed.</exception>
    public IReadOnlyList<BpfMapEntry> ReadMap(string name)
    {
        BpfMapSpec map = _spec.Map(name);
        BpfMapHandle handle = _live.GetMap(name);
        var entries = new List<BpfMapEntry>();
        int failed = MapEntryReader.Visit(handle, (key, value, errno) =>
        {
            // An entry that was removed meanwhile.
            if (errno == 0)
            {
                entries.Add(new BpfMapEntry(Read(map.KeyTypeId, key), MapEntryReader.IsPerCpu(handle.Type) ? Sum(map, handle, value) : Read(map.ValueTypeId, value.AsSpan(0, handle.ValueSize))));
            }

            return true;
        });
        return failed == 0 ? entries : throw new BpfException($"Map {name} of {_spec.Name} cannot be read: {Errno.Name(failed)}.", _spec.Name, name);
    }

    /// <summary>
    /// Reads what the processes have loaded whose stacks (<c>ustack</c>) are in keys of maps, so that their functions have names after they have ended. Call it about once a second; without such keys it does nothing.
    /// Other users' processes require CAP_SYS_PTRACE.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The object is disposed.</exception>
    public void Watch()
    {
        if (_stacks is null || _reader is null)
        {
            return;
        }

        _stacks.Refresh();
        foreach (BpfMapSpec map in _spec.Maps.Where(HasProcessStack))
        {
            MapEntryReader.VisitKeys(_live.GetMap(map.Name), key =>
            {
                _stacks.Watch(_reader.Read(map.KeyTypeId, key));
                return true;
            });
        }
    }

    /// <summary>Reads the global variables that are not <c>static</c>, in the order of their sections.</summary>
    /// <exception cref="ObjectDisposedException">The object is disposed.</exception>
    public IReadOnlyList<KeyValuePair<string, JsonNode?>> ReadGlobals()
    {
        var values = new List<KeyValuePair<string, JsonNode?>>();
        foreach (BpfDataSectionSpec section in _spec.DataSections.Where(static section => section.IsShared && section.Variables.Count > 0))
        {
            BpfGlobalSection live = _live.GetSection(section.Name);
            foreach (BpfGlobalVariable variable in section.Variables.Where(static one => !one.IsStatic && !one.Name.StartsWith(ArgumentPrefix, StringComparison.Ordinal)))
            {
                byte[] bytes = new byte[variable.Size];
                live.Read(variable.Offset, bytes);
                values.Add(new(variable.Name, Read(variable.TypeId, bytes)));
            }
        }

        return values;
    }

    /// <summary>Passes the records that are in a ring buffer or perf event array now to the handler, and returns at once.</summary>
    /// <param name="name">The map's name in C.</param>
    /// <param name="handler">Gets each record as a value.</param>
    /// <returns>The number of records.</returns>
    /// <exception cref="BpfException">The object has no such map, or it is being read already.</exception>
    /// <exception cref="ObjectDisposedException">The object is disposed.</exception>
    public int Consume(string name, Action<JsonNode?> handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        BpfMapSpec map = _spec.Map(name);
        int type = EventType.Of(_spec, map);
        return map.Type == BpfMapType.PerfEventArray ? PerfBuffer(name).Consume((_, record) => handler(ReadPadded(type, record))) : new BpfRingBuffer(_live.GetMap(name)).Consume(record => handler(Read(type, record)));
    }

    /// <summary>Reads the records of a ring buffer or perf event array continuously, and waits without a thread of its own. Ends when the object is disposed.</summary>
    /// <param name="name">The map's name in C.</param>
    /// <param name="cancellationToken">Ends it with <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="BpfException">The object has no such map, or it is being read already.</exception>
    public async IAsyncEnumerable<JsonNode?> ReadAllAsync(string name, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        BpfMapSpec map = _spec.Map(name);
        int type = EventType.Of(_spec, map);
        if (map.Type == BpfMapType.PerfEventArray)
        {
            await foreach (BpfPerfRecord record in PerfBuffer(name).ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                yield return ReadPadded(type, record.Data);
            }

            yield break;
        }

        await foreach (byte[] record in new BpfRingBuffer(_live.GetMap(name)).ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            yield return Read(type, record);
        }
    }

    private bool IsOfEvents(BpfMapSpec map) => (map.Type == BpfMapType.RingBuf || (map.Type == BpfMapType.PerfEventArray && EventType.Of(_spec, map) != 0)) && IsLoaded(map.Name);

    // All views of the map share it: a second one would take the place of the first.
    private BpfPerfBuffer PerfBuffer(string name) => _live.GetMap(name).Share(static map => new BpfPerfEventArray(map).OpenBuffer());

    // The kernel pads records of perf event arrays.
    private JsonNode? ReadPadded(int type, ReadOnlySpan<byte> record) => Read(type, record[..Math.Min(record.Length, (int)_spec.Btf!.SizeOf(type))]);

    private bool HasProcessStack(BpfMapSpec map)
        => _spec.Btf is { } types && map.KeyTypeId != 0 && types[types.SkipModifiers(map.KeyTypeId)] is { Kind: BtfKind.Struct } key
            && Enumerable.Range(0, key.Length).Any(index => types.GetString(key.Member(index).NameOffset) == StackValues.OfProcess) && IsLoaded(map.Name);

    private bool IsLoaded(string name) => _live.Maps.Any(map => map.Name == name && map.IsCreated);

    private bool IsDropCounter(string name)
        => name.EndsWith(DroppedSuffix, StringComparison.Ordinal) && _spec.Maps.Any(map => map.Type == BpfMapType.RingBuf && map.Name == name[..^DroppedSuffix.Length]);

    private JsonNode? Read(int typeId, ReadOnlySpan<byte> bytes)
    {
        JsonNode? value = _reader is null || typeId == 0 ? "0x" + BtfValueReader.Hex(bytes) : _reader.Read(typeId, bytes);
        _stacks?.Resolve(value);
        return value;
    }

    private JsonNode? Sum(BpfMapSpec map, BpfMapHandle handle, byte[] value)
    {
        JsonNode? sum = Read(map.ValueTypeId, MapEntryReader.OfCpu(value, 0, handle.ValueSize));
        for (int slot = 1; slot < PossibleCpus.Current.Count; slot++)
        {
            sum = ValueSum.Add(sum, Read(map.ValueTypeId, MapEntryReader.OfCpu(value, slot, handle.ValueSize)));
        }

        return sum;
    }
}

/// <summary>One entry of a map.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">The value.</param>
public sealed record BpfMapEntry(JsonNode? Key, JsonNode? Value);
