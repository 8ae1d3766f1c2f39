using System.Collections;
using Hypermesh.Bpf.Maps;
using Hypermesh.Bpf.Maps.Keyed;

namespace Hypermesh.Bpf;

/// <summary>What maps with keys have in common. One element is one system call of about a microsecond; reading them all goes by batch where the kernel has it (5.6).</summary>
/// <typeparam name="TKey">The key's type, with the layout it has in the C.</typeparam>
/// <typeparam name="TValue">The value's type, with the layout it has in the C.</typeparam>
public abstract unsafe class BpfKeyedMap<TKey, TValue> : BpfMap, IEnumerable<KeyValuePair<TKey, TValue>>
    where TKey : unmanaged
    where TValue : unmanaged
{
    private protected BpfKeyedMap(BpfMapHandle handle, params ReadOnlySpan<BpfMapType> allowed)
        : base(handle, allowed)
    {
        CheckKey<TKey>();
        CheckValue<TValue>();
    }

    /// <summary>Reads or writes one entry.</summary>
    /// <param name="key">The key.</param>
    /// <exception cref="KeyNotFoundException">There is no such entry to read.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; E2BIG: the map is full.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public TValue this[in TKey key]
    {
        get => TryGetValue(in key, out TValue value) ? value : throw this.NoEntry(in key);
        set => Update(in key, in value, UpdateMode.Any);
    }

    /// <summary>Reads one entry; allocates nothing.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">Its value.</param>
    /// <returns>False when there is no such entry.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public bool TryGetValue(in TKey key, out TValue value)
    {
        fixed (TKey* k = &key)
        fixed (TValue* v = &value)
        {
            *v = default;
            return this.WasFound(MapCalls.Lookup(Handle, k, v), BpfCommand.MapLookupElement, "Reading");
        }
    }

    /// <summary>True when there is such an entry.</summary>
    /// <param name="key">The key.</param>
    public bool ContainsKey(in TKey key) => TryGetValue(in key, out _);

    /// <summary>Adds an entry that is not there yet.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <returns>False when there is one of that key; it stays as it is.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; E2BIG: the map is full.</exception>
    public bool TryAdd(in TKey key, in TValue value) => Update(in key, in value, UpdateMode.Add);

    /// <summary>Changes an entry that is there.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <returns>False when there is no entry with that key; none is created.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public bool TryUpdate(in TKey key, in TValue value) => Update(in key, in value, UpdateMode.Replace);

    /// <summary>Removes an entry.</summary>
    /// <param name="key">The key.</param>
    /// <returns>False when there was no entry with that key.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public bool Remove(in TKey key)
    {
        fixed (TKey* k = &key)
        {
            return this.WasFound(MapCalls.Delete(Handle, k), BpfCommand.MapDeleteElement, "Removing from");
        }
    }

    /// <summary>Reads all entries into a batch that is used again and again: nothing is allocated once it has the map's size.</summary>
    /// <param name="batch">Where they go; what it held is replaced.</param>
    /// <returns>How many there are.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public int Read(BpfMapBatch<TKey, TValue> batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return MapReader.ReadAll(this, batch.Buffer);
    }

    /// <summary>
    /// Reads the next part of the map into a batch, for maps too large to be read at once: begin with <see cref="BpfMapBatch{TKey, TValue}.Restart"/>, and go on
    /// until the answer is false. Entries may be removed in between.
    /// </summary>
    /// <param name="batch">Where they go, and where the reading has come to.</param>
    /// <returns>False when there is no more.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public bool ReadNext(BpfMapBatch<TKey, TValue> batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return MapReader.ReadPart(this, batch.Buffer);
    }

    /// <summary>Writes many entries, by one call where the kernel has it (5.6). Not all or nothing: those before the one that failed are written.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="values">The values, beside the keys.</param>
    /// <exception cref="ArgumentException">There are not as many keys as values.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; E2BIG: the map is full.</exception>
    public void Update(ReadOnlySpan<TKey> keys, ReadOnlySpan<TValue> values)
    {
        if (keys.Length != values.Length)
        {
            throw new ArgumentException($"There are {keys.Length} keys and {values.Length} values.", nameof(values));
        }

        fixed (TKey* k = keys)
        fixed (TValue* v = values)
        {
            MapWriter.Update(this, (byte*)k, sizeof(TKey), (byte*)v, sizeof(TValue), keys.Length);
        }
    }

    /// <summary>Removes many entries, by one call where the kernel has it (5.6).</summary>
    /// <param name="keys">The keys; those that are not there are passed over.</param>
    /// <returns>How many were there.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public int Remove(ReadOnlySpan<TKey> keys)
    {
        fixed (TKey* k = keys)
        {
            return MapWriter.Remove(this, (byte*)k, sizeof(TKey), keys.Length);
        }
    }

    /// <summary>Goes through all entries; entries may be removed meanwhile. An entry the programs change meanwhile may be seen before or after, one they move may be seen twice.</summary>
    public IEnumerator<KeyValuePair<TKey, TValue>> GetEnumerator()
    {
        var batch = new BpfMapBatch<TKey, TValue>();
        while (MapReader.ReadPart(this, batch.Buffer))
        {
            for (int i = 0; i < batch.Count; i++)
            {
                yield return batch[i];
            }
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private bool Update(in TKey key, in TValue value, UpdateMode mode)
    {
        long result;
        fixed (TKey* k = &key)
        fixed (TValue* v = &value)
        {
            result = MapCalls.Update(Handle, k, v, mode);
        }

        return this.Updated(result, mode);
    }
}
