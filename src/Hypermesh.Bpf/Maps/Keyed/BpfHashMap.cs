using System.Runtime.InteropServices;
using Hypermesh.Bpf.Maps;
using Hypermesh.Bpf.Maps.Keyed;

namespace Hypermesh.Bpf;

/// <summary>Base class of hash maps: an entry can be read and removed in one step.</summary>
/// <typeparam name="TKey">The key's type, with the layout it has in the C.</typeparam>
/// <typeparam name="TValue">The value's type, with the layout it has in the C.</typeparam>
public abstract unsafe class BpfHashedMap<TKey, TValue> : BpfKeyedMap<TKey, TValue>
    where TKey : unmanaged
    where TValue : unmanaged
{
    private protected BpfHashedMap(BpfMapHandle handle, params ReadOnlySpan<BpfMapType> allowed)
        : base(handle, allowed)
    {
    }

    /// <summary>Removes an entry and returns its value in one step (5.14 for hash maps), so that no update by a program is lost in between.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <returns>False when there was no entry with that key.</returns>
    /// <exception cref="BpfFeatureNotSupportedException">The kernel is older than 5.14.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public bool TryTake(in TKey key, out TValue value)
    {
        fixed (TKey* k = &key)
        fixed (TValue* v = &value)
        {
            *v = default;
            return this.WasFound(MapCalls.LookupAndDelete(MapHandle, k, v), BpfCommand.MapLookupAndDeleteElement, "Taking from");
        }
    }

    /// <summary>
    /// Removes all entries and returns them, in batches if the kernel supports it (5.6), otherwise one by one. Updates by programs meanwhile are either in the
    /// batch or still in the map. Nothing is allocated once the batch has the map's size.
    /// </summary>
    /// <param name="batch">Receives the entries; its previous content is replaced.</param>
    /// <returns>The number of entries.</returns>
    /// <exception cref="BpfFeatureNotSupportedException">The kernel supports neither (before 5.6).</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public int TakeAll(BpfMapBatch<TKey, TValue> batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return MapReader.TakeAll(this, batch.Buffer);
    }
}

/// <summary>
/// A hash map (<c>BPF_MAP_TYPE_HASH</c>, 3.19), or one whose table grows and shrinks with its entries (<c>BPF_MAP_TYPE_RHASH</c>, 7.2). An update of a full map fails with
/// E2BIG.
/// </summary>
/// <remarks>
/// The resizable type changes values in place: a concurrent reader may see parts of both values, unless the value has a lock and is read under it. While its table changes size,
/// shortly after many entries were added or removed, reading all entries skips some and returns others twice; <c>TakeAll</c> does neither, but removes
/// entries key by key.
/// </remarks>
/// <typeparam name="TKey">The key's type, with the layout it has in the C.</typeparam>
/// <typeparam name="TValue">The value's type, with the layout it has in the C.</typeparam>
public sealed unsafe class BpfHashMap<TKey, TValue> : BpfHashedMap<TKey, TValue>
    where TKey : unmanaged
    where TValue : unmanaged
{
    /// <summary>Creates a typed view of a map.</summary>
    /// <param name="handle">The map.</param>
    /// <exception cref="BpfException">The map is of another type, or its sizes are not those of the types.</exception>
    public BpfHashMap(BpfMapHandle handle)
        : base(handle, BpfMapType.Hash, BpfMapType.RHash)
    {
    }

    /// <summary>Reads one entry whose value has a <c>bpf_spin_lock</c>, under that lock (5.1): no program is half way through changing it.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">Its value; the lock itself reads as 0.</param>
    /// <returns>False when there is no such entry.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EINVAL: the value has no lock.</exception>
    public bool TryGetValueLocked(in TKey key, out TValue value)
    {
        fixed (TKey* k = &key)
        fixed (TValue* v = &value)
        {
            *v = default;
            return this.WasFound(MapCalls.Lookup(MapHandle, k, v, ElementFlags.Lock), BpfCommand.MapLookupElement, "Reading");
        }
    }

    /// <summary>Writes one entry whose value has a <c>bpf_spin_lock</c>: in place under that lock if it exists (5.1), otherwise as a new entry.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value; the lock in it is ignored.</param>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EINVAL: the value has no lock; E2BIG: the map is full.</exception>
    public void SetLocked(in TKey key, in TValue value)
    {
        fixed (TKey* k = &key)
        fixed (TValue* v = &value)
        {
            this.Updated(MapCalls.Update(MapHandle, k, v, ElementFlags.Lock), UpdateMode.Any);
        }
    }
}

/// <summary>A hash map that drops the least recently used entry when it is full (<c>BPF_MAP_TYPE_LRU_HASH</c>, 4.10).</summary>
/// <typeparam name="TKey">The key's type, with the layout it has in the C.</typeparam>
/// <typeparam name="TValue">The value's type, with the layout it has in the C.</typeparam>
public sealed class BpfLruHashMap<TKey, TValue> : BpfHashedMap<TKey, TValue>
    where TKey : unmanaged
    where TValue : unmanaged
{
    /// <summary>Creates a typed view of a map.</summary>
    /// <param name="handle">The map.</param>
    /// <exception cref="BpfException">The map is of another type, or its sizes are not those of the types.</exception>
    public BpfLruHashMap(BpfMapHandle handle)
        : base(handle, BpfMapType.LruHash)
    {
    }
}

/// <summary>
/// A trie of prefixes, such as a routing table (<c>BPF_MAP_TYPE_LPM_TRIE</c>, 4.11). Reading finds the longest prefix that matches the key; writing and removing affect
/// exactly the given prefix.
/// </summary>
/// <typeparam name="TKey">The key's type, with the layout it has in the C: its first 4 bytes are the prefix's length in bits. For example <see cref="LpmKey{TData}"/>.</typeparam>
/// <typeparam name="TValue">The value's type, with the layout it has in the C.</typeparam>
public sealed class BpfLpmTrie<TKey, TValue> : BpfKeyedMap<TKey, TValue>
    where TKey : unmanaged
    where TValue : unmanaged
{
    /// <summary>Creates a typed view of a map.</summary>
    /// <param name="handle">The map.</param>
    /// <exception cref="BpfException">The map is of another type, or its sizes are not those of the types.</exception>
    public BpfLpmTrie(BpfMapHandle handle)
        : base(handle, BpfMapType.LpmTrie)
    {
    }
}

/// <summary>A key of a <see cref="BpfLpmTrie{TKey, TValue}"/>: the number of significant leading bits, and the data in network byte order.</summary>
/// <typeparam name="TData">The data's type: 4 bytes for IPv4, 16 for IPv6, such as an inline array of bytes.</typeparam>
/// <param name="PrefixLength">The number of significant leading bits; for a look-up, all bits.</param>
/// <param name="Data">The data, most significant byte first on any machine.</param>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
public readonly record struct LpmKey<TData>(uint PrefixLength, TData Data)
    where TData : unmanaged;
