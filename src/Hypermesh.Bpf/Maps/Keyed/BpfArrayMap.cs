using System.Collections;
using Hypermesh.Bpf.Maps;
using Hypermesh.Bpf.Maps.Keyed;

namespace Hypermesh.Bpf;

/// <summary>An array map (<c>BPF_MAP_TYPE_ARRAY</c>, 3.19): every index is there from the start, its value all zero.</summary>
/// <typeparam name="TValue">The value's type, with the layout it has in the C.</typeparam>
public sealed unsafe class BpfArrayMap<TValue> : BpfMap, IEnumerable<KeyValuePair<int, TValue>>
    where TValue : unmanaged
{
    private readonly Lock _gate = new();
    private BpfMapBatch<int, TValue>? _scratch;

    /// <summary>Creates a typed view of a map.</summary>
    /// <param name="handle">The map.</param>
    /// <exception cref="BpfException">The map is of another kind, or its value's size is not that of the type.</exception>
    public BpfArrayMap(BpfMapHandle handle)
        : base(handle, [BpfMapType.Array])
    {
        CheckKey<int>();
        CheckValue<TValue>();
        CheckIndexable();
    }

    /// <summary>How many elements there are.</summary>
    public int Count => (int)Handle.MaxEntries;

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
            this.WasFound(MapCalls.Lookup(Handle, &index, &value), BpfCommand.MapLookupElement, "Reading");
            return value;
        }
        set
        {
            this.CheckIndex(index);
            this.Updated(MapCalls.Update(Handle, &index, &value, UpdateMode.Any), UpdateMode.Any);
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
        this.WasFound(MapCalls.Lookup(Handle, &index, &value, ElementFlags.Lock), BpfCommand.MapLookupElement, "Reading");
        return value;
    }

    /// <summary>Writes one element whose value has a <c>bpf_spin_lock</c>, under that lock (5.1).</summary>
    /// <param name="index">Its index.</param>
    /// <param name="value">The value; the lock in it is passed over.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such index.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EINVAL: the value has no lock.</exception>
    public void SetLocked(int index, TValue value)
    {
        this.CheckIndex(index);
        this.Updated(MapCalls.Update(Handle, &index, &value, ElementFlags.Lock), UpdateMode.Any);
    }

    /// <summary>Writes all elements, by one call where the kernel has it (5.6).</summary>
    /// <param name="source">The values by index; at most <see cref="Count"/>.</param>
    /// <exception cref="ArgumentException">There are more than elements.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public void CopyFrom(ReadOnlySpan<TValue> source)
    {
        if (source.Length > Count)
        {
            throw new ArgumentException($"Map {Name} has {Count} elements, and there are {source.Length} values.", nameof(source));
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

    /// <summary>Maps the elements into memory, so that a read or write is one of memory. The map must be declared with <c>BPF_F_MMAPABLE</c> (5.5).</summary>
    /// <returns>The elements; whoever called disposes it, or it ends with the object.</returns>
    /// <exception cref="BpfException">The map was declared without that flag.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EPERM: the map is frozen.</exception>
    public BpfMappedArray<TValue> Map()
        => ((MapFlags)Handle.Flags).HasFlag(MapFlags.Mappable)
            ? BpfMappedArray<TValue>.Open(Handle)
            : throw new BpfException($"Map {Name} cannot be mapped: declare it with __uint(map_flags, BPF_F_MMAPABLE).", Handle.ObjectName, Name);

    /// <summary>Reads all elements, by batch where the kernel has it (5.6); allocates nothing after the first time.</summary>
    /// <param name="destination">Where they go, element after element; at least <see cref="Count"/> long.</param>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public void CopyTo(Span<TValue> destination)
    {
        if (destination.Length < Count)
        {
            throw new ArgumentException($"Map {Name} has {Count} elements, the destination has room for {destination.Length}.", nameof(destination));
        }

        lock (_gate)
        {
            _scratch ??= new BpfMapBatch<int, TValue>();
            Read(_scratch);
            _scratch.Values.CopyTo(destination);
        }
    }

    /// <summary>Reads all elements into a batch that is used again and again.</summary>
    /// <param name="batch">Where they go; what it held is replaced.</param>
    /// <returns>How many there are.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public int Read(BpfMapBatch<int, TValue> batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return MapReader.ReadAll(this, batch.Buffer);
    }

    /// <summary>Goes through the elements by index.</summary>
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
