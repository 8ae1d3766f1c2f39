using System.Buffers;
using Hypermesh.Bpf.Objects.Merging;

namespace Hypermesh.Bpf.Maps;

/// <summary>
/// The other maps that versions of an object have filled, whose values have another layout or size. What user space reads of a map is merged from all of them: programs add to
/// the newest only, and nothing is ever copied from one map to another, so no count is lost or doubled, whenever a process ends. Keys are the same in all.
/// </summary>
/// <param name="all">The other maps, the newest last.</param>
/// <param name="isNewest">Whether the map that follows them is the newest one, which programs write to.</param>
/// <param name="fault">Why the values of the newest cannot be shown in the layout of the one that follows them, as the beginning of a sentence; null if they can.</param>
internal sealed unsafe class EarlierMaps(IReadOnlyList<EarlierMap> all, bool isNewest, string? fault = null)
{
    private const ulong NoExist = 1;
    private const ulong Exist = 2;
    private const int CpuShift = 32;
    private const int MostOnStack = 1024;

    /// <summary>The most entries that all of them have.</summary>
    internal long MaxEntries { get; } = all.Sum(static one => (long)one.Map.MaxEntries);

    /// <summary>The same, where two handles have exchanged their maps.</summary>
    internal EarlierMaps Exchanging(BpfMapHandle one, BpfMapHandle other)
        => new([.. all.Select(map => map.Map == one ? map with { Map = other } : map.Map == other ? map with { Map = one } : map)], isNewest, fault);

    /// <summary>Merges the values that other maps have of a key into the one that was read.</summary>
    /// <param name="map">The map that was read.</param>
    /// <param name="key">The key.</param>
    /// <param name="value">What was read.</param>
    /// <param name="flags">The flags of the read.</param>
    /// <param name="result">Its result.</param>
    /// <returns>0, or the negative errno.</returns>
    /// <exception cref="BpfException">The values of the newest version cannot be shown in the layout of this map.</exception>
    internal long Merge(BpfMapHandle map, void* key, void* value, ulong flags, long result)
    {
        if (fault is not null)
        {
            throw new BpfException($"Map {map.Name} has another layout since the last hot reload, in which this one cannot show all values: {fault}. Read it by GetMap(\"{map.Name}\").", map.ObjectName, map.Name);
        }

        if (result is < 0 and not -Errno.ENOENT)
        {
            return result;
        }

        CpuSlots slots = CpuSlots.Of(map, flags);
        int stride = slots.Stride(map.ValueSize), members = all.Count == 0 ? 0 : all[0].Plan.Count;
        var into = new Span<byte>(value, stride * slots.Count);
        if (result < 0)
        {
            into.Clear();
        }

        // Of a hash, an entry is a value. An element of an array and a CPU's value are there before a program writes them.
        bool isSure = map.Type is BpfMapType.Hash or BpfMapType.LruHash;
        Span<bool> isSet = members * slots.Count > MostOnStack ? new bool[members * slots.Count] : stackalloc bool[members * slots.Count];
        for (int i = 0; i < slots.Count; i++)
        {
            isSet.Slice(i * members, members).Fill(result >= 0 && (isSure || !MergePlan.IsZero(into.Slice(i * stride, map.ValueSize))));
        }

        int largest = all.Max(one => slots.Stride(one.Map.ValueSize)) * slots.All;
        byte[]? rented = largest > MostOnStack ? ArrayPool<byte>.Shared.Rent(largest) : null;
        Span<byte> from = rented ?? stackalloc byte[MostOnStack];

        // The newest first, so that it is the one that is kept.
        for (int index = all.Count - 1; index >= 0; index--)
        {
            EarlierMap earlier = all[index];
            int step = slots.Stride(earlier.Map.ValueSize);
            long found = Lookup(earlier.Map, key, from);
            if (found is < 0 and not -Errno.ENOENT)
            {
                result = found;
                break;
            }

            for (int i = 0; i < slots.Count && found >= 0; i++)
            {
                result = 0;
                ReadOnlySpan<byte> one = from.Slice((slots.First + i) * step, earlier.Map.ValueSize);
                if (isSure || !MergePlan.IsZero(one))
                {
                    earlier.Plan.Merge(into.Slice(i * stride, map.ValueSize), isSet.Slice(i * members, members), one);
                }
            }
        }

        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return result;
    }

    /// <summary>
    /// Finds the key that follows in a walk over all maps, the newest last: no program writes to the others, so a key cannot move past the walk. After a key that none has any more, the walk
    /// starts again, as the kernel's does.
    /// </summary>
    internal long NextKey(BpfMapHandle map, void* key, void* next)
    {
        int stage = 0;
        if (key is not null)
        {
            while (stage <= all.Count && !Has(MapAt(map, stage), key))
            {
                stage++;
            }

            if (stage > all.Count)
            {
                key = null;
                stage = 0;
            }
        }

        for (void* after = key; stage <= all.Count; stage++, after = null)
        {
            long result = MapCalls.OwnNextKey(MapAt(map, stage), after, next);
            while (result >= 0 && IsBefore(map, next, stage))
            {
                result = MapCalls.OwnNextKey(MapAt(map, stage), next, next);
            }

            if (result != -Errno.ENOENT)
            {
                return result;
            }
        }

        return -Errno.ENOENT;
    }

    /// <summary>Whether user space may write a value of a key; 0 or the negative errno, and the flags with which it is written into a map that may not have it yet.</summary>
    internal long Allow(void* key, ref ulong flags)
    {
        bool isThere = IsThere(key);
        if (isThere && (flags & NoExist) != 0)
        {
            return -Errno.EEXIST;
        }

        flags = isThere ? flags & ~Exist : flags;
        return 0;
    }

    /// <summary>Removes what other maps have of a key, or of one CPU's part of it, which user space has written.</summary>
    internal void Replace(BpfMapHandle map, void* key, ulong flags)
        => Clear(key, (flags & (ulong)ElementFlags.OneCpu) != 0 ? PossibleCpus.Of(map.Kernel).SlotOf((int)(flags >> CpuShift)) : null);

    /// <summary>Removes a key; false if none of the earlier maps has it.</summary>
    internal bool Remove(void* key)
    {
        bool isThere = IsThere(key);
        if (isThere)
        {
            Clear(key, null);
        }

        return isThere;
    }

    private BpfMapHandle MapAt(BpfMapHandle map, int stage)
        => isNewest ? stage < all.Count ? all[stage].Map : map : stage == 0 ? map : all[stage - 1].Map;

    // Whether one of the maps before that stage of a walk has the key.
    private bool IsBefore(BpfMapHandle map, void* key, int stage)
    {
        for (int i = 0; i < stage; i++)
        {
            if (Has(MapAt(map, i), key))
            {
                return true;
            }
        }

        return false;
    }

    private bool IsThere(void* key)
    {
        foreach (EarlierMap one in all)
        {
            if (Has(one.Map, key))
            {
                return true;
            }
        }

        return false;
    }

    private void Clear(void* key, int? slot)
    {
        foreach (EarlierMap earlier in all)
        {
            if (slot is null && earlier.Map.Type is not (BpfMapType.Array or BpfMapType.PerCpuArray))
            {
                MapCalls.OwnDelete(earlier.Map, key);
                continue;
            }

            CpuSlots slots = CpuSlots.Of(earlier.Map, 0);
            int step = slots.Stride(earlier.Map.ValueSize);
            byte[] value = new byte[step * slots.All];
            if (Lookup(earlier.Map, key, value) < 0)
            {
                continue;
            }

            (slot is { } one ? value.AsSpan(one * step, step) : value).Clear();
            fixed (byte* from = value)
            {
                MapCalls.OwnUpdate(earlier.Map, key, from);
            }
        }
    }

    private static bool Has(BpfMapHandle map, void* key)
    {
        CpuSlots slots = CpuSlots.Of(map, 0);
        int size = slots.Stride(map.ValueSize) * slots.All;
        byte[]? rented = size > MostOnStack ? ArrayPool<byte>.Shared.Rent(size) : null;
        Span<byte> room = rented ?? stackalloc byte[MostOnStack];
        long result = Lookup(map, key, room);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return result >= 0;
    }

    private static long Lookup(BpfMapHandle map, void* key, Span<byte> into)
    {
        fixed (byte* value = into)
        {
            return MapCalls.OwnLookup(map, key, value);
        }
    }

    /// <summary>Which CPUs' values a call reads or writes.</summary>
    /// <param name="IsPerCpu">Whether each CPU has a value.</param>
    /// <param name="All">The number of values that the map has of a key.</param>
    /// <param name="First">The first that is meant.</param>
    /// <param name="Count">How many.</param>
    private readonly record struct CpuSlots(bool IsPerCpu, int All, int First, int Count)
    {
        internal static CpuSlots Of(BpfMapHandle map, ulong flags)
        {
            if (map.Type is not (BpfMapType.PerCpuHash or BpfMapType.PerCpuArray or BpfMapType.LruPerCpuHash))
            {
                return new CpuSlots(false, 1, 0, 1);
            }

            PossibleCpus cpus = PossibleCpus.Of(map.Kernel);
            return (flags & (ulong)ElementFlags.OneCpu) != 0 ? new CpuSlots(true, cpus.Count, cpus.SlotOf((int)(flags >> CpuShift)), 1) : new CpuSlots(true, cpus.Count, 0, cpus.Count);
        }

        // The kernel writes each CPU's value in whole words.
        internal int Stride(int size) => !IsPerCpu ? size : (size + sizeof(ulong) - 1) & -sizeof(ulong);
    }
}

/// <summary>A map of an earlier version.</summary>
/// <param name="Map">The map.</param>
/// <param name="Plan">How its values are merged into those of the newest version.</param>
internal sealed record EarlierMap(BpfMapHandle Map, MergePlan Plan);
