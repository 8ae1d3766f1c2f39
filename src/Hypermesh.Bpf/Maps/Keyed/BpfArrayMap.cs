using System.Collections;
using Hypermesh.Bpf.Maps;
using Hypermesh.Bpf.Maps.Keyed;

namespace Hypermesh.Bpf;

/// <summary>An array map (<c>BPF_MAP_TYPE_ARRAY</c>, 3.19): all indexes exist from the start, with zeroed values.</summary>
/// <typeparam name="TValue">The value's type, with the layout it has in the C.</typeparam>
public sealed unsafe class BpfArrayMap<TValue> : BpfMap, IEnumerable<KeyValuePair<int, TValue>>
    where TValue : unmanaged
{
    private readonly Lock _gate = new();
    private BpfMapBatch<int, TValue>? _scratch;

    /// <summary>Creates a typed view of a map.</summary>
    /// <param name="handle">The map.</param>
    /// <exception cref="BpfException">The map is of another type, or its value's size is not that of the type.</exception>
    public BpfArrayMap(BpfMapHandle handle)
        : base(handle, [BpfMapType.Array])
    {
        CheckKey<int>();
        CheckValue<TValue>();
        CheckIndexable();
    }

    /// <summary>The number of elements.</summary>
    public int Count => (int)MapHandle.MaxEntries;

    /// <summary>Reads or writes one element; allocates nothing.</summary>
    /// <param name="index">Its index.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such index.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; as <see cref="BpfPermissionException"/> when the map is frozen.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public TValue this[int index]
    {
        get
        {
            this.CheckIndex(index);
            TValue value;
            this.WasFound(MapCalls.Lookup(MapHandle, &index, &value), BpfCommand.MapLookupElement, "Reading");
            return value;
        }
        set
        {
            this.CheckIndex(index);
            this.Updated(MapCalls.Update(MapHandle, &index, &value, UpdateMode.Any), UpdateMode.Any);
        }
    }

    /// <summary>Reads one element whose value has a <c>bpf_spin_lock</c>, under that lock (5.1): no program is half way through changing it.</summary>
    /// <param name="index">Its index.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such index.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EINVAL: the value has no lock.</exception>
    public TValue GetLocked(int index)
    {
        this.CheckIndex(index);
        TValue value = default;
        this.WasFound(MapCalls.Lookup(MapHandle, &index, &value, ElementFlags.Lock), BpfCommand.MapLookupElement, "Reading");
        return value;
    }

    /// <summary>Writes one element whose value has a <c>bpf_spin_lock</c>, under that lock (5.1).</summary>
    /// <param name="index">Its index.</param>
    /// <param name="value">The value; the lock in it is ignored.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such index.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EINVAL: the value has no lock.</exception>
    public void SetLocked(int index, TValue value)
    {
        this.CheckIndex(index);
        this.Updated(MapCalls.Update(MapHandle, &index, &value, ElementFlags.Lock), UpdateMode.Any);
    }

    /// <summary>Writes elements from index 0 on, with one call if the kernel supports it (5.6).</summary>
    /// <param name="source">The values by index; at most <see cref="Count"/>.</param>
    /// <exception cref="ArgumentException">There are more values than elements.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public void CopyFrom(ReadOnlySpan<TValue> source)
    {
        if (source.Length > Count)
        {
            throw new ArgumentException($"Map {Name} has {Count} elements, but there are {source.Length} values.", nameof(source));
        }

        int[] keys = System.Buffers.ArrayPool<int>.Shared.Rent(source.Length);
        try
        {
            for (int i = 0; i < source.Length; i++)
            {
                keys[i] = i;
            }

            fixed (int* k = keys)
            fixed (TValue* v = source)
            {
                MapWriter.Update(this, (byte*)k, sizeof(int), (byte*)v, sizeof(TValue), source.Length);
            }
        }
        finally
        {
            System.Buffers.ArrayPool<int>.Shared.Return(keys);
        }
    }

    /// <summary>Maps the elements into memory, so that a read or write is a plain memory access. The map must be declared with <c>BPF_F_MMAPABLE</c> (5.5).</summary>
    /// <returns>The elements; the caller disposes them, and they are disposed with the object at the latest.</returns>
    /// <exception cref="BpfException">The map was declared without that flag.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EPERM: the map is frozen.</exception>
    public BpfMappedArray<TValue> Map()
        => MapHandle.Flags.HasFlag(BpfMapFlags.Mappable)
            ? BpfMappedArray<TValue>.Open(MapHandle)
            : throw new BpfException($"Map {Name} cannot be mapped: declare it with __uint(map_flags, BPF_F_MMAPABLE).", MapHandle.ObjectName, Name);

    /// <summary>Reads all elements, in batches if the kernel supports it (5.6); allocates nothing after the first time.</summary>
    /// <param name="destination">Receives the elements in order; its length is at least <see cref="Count"/>.</param>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public void CopyTo(Span<TValue> destination)
    {
        if (destination.Length < Count)
        {
            throw new ArgumentException($"Map {Name} has {Count} elements, but the destination has a length of only {destination.Length}.", nameof(destination));
        }

        lock (_gate)
        {
            _scratch ??= new BpfMapBatch<int, TValue>();
            Read(_scratch);
            _scratch.Values.CopyTo(destination);
        }
    }

    /// <summary>Reads all elements into a reusable batch.</summary>
    /// <param name="batch">Receives the entries; its previous content is replaced.</param>
    /// <returns>The number of entries.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public int Read(BpfMapBatch<int, TValue> batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return MapReader.ReadAll(this, batch.Buffer);
    }

    /// <summary>Enumerates the elements by index.</summary>
    public IEnumerator<KeyValuePair<int, TValue>> GetEnumerator()
    {
        var batch = new BpfMapBatch<int, TValue>();
        while (MapReader.ReadPart(this, batch.Buffer))
        {
            for (int i = 0; i < batch.Count; i++)
            {
                yield return batch[i];
            }
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
