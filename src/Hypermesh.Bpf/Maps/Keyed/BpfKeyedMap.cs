using System.Collections;
using Hypermesh.Bpf.Maps;
using Hypermesh.Bpf.Maps.Keyed;

namespace Hypermesh.Bpf;

/// <summary>Base class of maps with keys. Accessing one element is one system call of about a microsecond; reading all elements uses batches if the kernel supports it (5.6).</summary>
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
    /// <exception cref="KeyNotFoundException">There is no entry with that key.</exception>
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
            return this.WasFound(MapCalls.Lookup(MapHandle, k, v), BpfCommand.MapLookupElement, "Reading");
        }
    }

    /// <summary>Returns true if there is an entry with that key.</summary>
    /// <param name="key">The key.</param>
    public bool ContainsKey(in TKey key) => TryGetValue(in key, out _);

    /// <summary>Adds an entry if the key does not exist.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <returns>False when the key already exists; its entry is unchanged.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; E2BIG: the map is full.</exception>
    public bool TryAdd(in TKey key, in TValue value) => Update(in key, in value, UpdateMode.Add);

    /// <summary>Changes an existing entry.</summary>
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
            return this.WasFound(MapCalls.Delete(MapHandle, k), BpfCommand.MapDeleteElement, "Removing from");
        }
    }

    /// <summary>Reads all entries into a reusable batch: nothing is allocated once the batch has the map's size.</summary>
    /// <param name="batch">Receives the entries; its previous content is replaced.</param>
    /// <returns>The number of entries.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public int Read(BpfMapBatch<TKey, TValue> batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return MapReader.ReadAll(this, batch.Buffer);
    }

    /// <summary>
    /// Reads the next part of the map into a batch, for maps too large to be read at once: start with <see cref="BpfMapBatch{TKey, TValue}.Restart"/>, and continue
    /// until it returns false. Entries can be removed in between.
    /// </summary>
    /// <param name="batch">Receives the entries, and keeps the position of the reading.</param>
    /// <returns>False when there is no more.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public bool ReadNext(BpfMapBatch<TKey, TValue> batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return MapReader.ReadPart(this, batch.Buffer);
    }

    /// <summary>Writes many entries, with one call if the kernel supports it (5.6). Not all or nothing: those before the one that failed are written.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="values">The values, in the order of the keys.</param>
    /// <exception cref="ArgumentException">There are not as many keys as values.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; E2BIG: the map is full.</exception>
    public void Update(ReadOnlySpan<TKey> keys, ReadOnlySpan<TValue> values)
    {
        if (keys.Length != values.Length)
        {
            throw new ArgumentException($"There are {keys.Length} keys and {values.Length} values: pass one value for each key.", nameof(values));
        }

        fixed (TKey* k = keys)
        fixed (TValue* v = values)
        {
            MapWriter.Update(this, (byte*)k, sizeof(TKey), (byte*)v, sizeof(TValue), keys.Length);
        }
    }

    /// <summary>Removes many entries, with one call if the kernel supports it (5.6).</summary>
    /// <param name="keys">The keys; missing keys are ignored.</param>
    /// <returns>The number of removed entries.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public int Remove(ReadOnlySpan<TKey> keys)
    {
        fixed (TKey* k = keys)
        {
            return MapWriter.Remove(this, (byte*)k, sizeof(TKey), keys.Length);
        }
    }

    /// <summary>Enumerates all entries; entries can be removed meanwhile. An entry that programs change meanwhile may have the old or the new value; one that they move may be returned twice.</summary>
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
            result = MapCalls.Update(MapHandle, k, v, mode);
        }

        return this.Updated(result, mode);
    }
}
