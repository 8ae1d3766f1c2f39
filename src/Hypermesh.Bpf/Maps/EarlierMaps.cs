using System.Buffers;
using Hypermesh.Bpf.Objects.Merging;

namespace Hypermesh.Bpf.Maps;

/// <summary>
/// The other maps that versions of an object have filled, whose values have another layout or size. What user space reads of a map is merged from all of them: programs add to
/// the newest only, and nothing is ever copied from one map to another, so no count is lost or doubled, whenever a process ends. Keys are the same in all.
/// </summary>
/// <param name="all">The other maps, the newest last.</param>
/// <param name="isNewest">Whether the map that follows them is the newest one, which programs write to.</param>
internal sealed unsafe class EarlierMaps(IReadOnlyList<EarlierMap> all, bool isNewest)
{
    private const ulong NoExist = 1;
    private const ulong Exist = 2;
    private const int CpuShift = 32;
    private const int MostOnStack = 1024;

    /// <summary>The most entries that all of them have.</summary>
    internal long MaxEntries { get; } = all.Sum(static one => (long)one.Map.MaxEntries);

    /// <summary>The same, where two handles have exchanged their maps.</summary>
    internal EarlierMaps Exchanging(BpfMapHandle one, BpfMapHandle other)
        => new([.. all.Select(map => map.Map == one ? map with { Map = other } : map.Map == other ? map with { Map = one } : map)], isNewest);

    /// <summary>Merges the earlier values of a key into the one that was read.</summary>
    /// <param name="map">The map that was read.</param>
    /// <param name="key">The key.</param>
    /// <param name="value">What was read.</param>
    /// <param name="flags">The flags of the read.</param>
    /// <param name="result">Its result.</param>
    /// <returns>0, or the negative errno.</returns>
    internal long Merge(BpfMapHandle map, void* key, void* value, ulong flags, long result)
    {
        if (result is < 0 and not -Errno.ENOENT)
        {
            return result;
        }

        int cpus = PerCpuMaps.Contains(map.Type) ? PossibleCpus.Of(map.Kernel).Count : 1, stride = Stride(map.ValueSize, cpus);
        bool ofOneCpu = (flags & (ulong)ElementFlags.OneCpu) != 0;
        int first = ofOneCpu ? PossibleCpus.Of(map.Kernel).SlotOf((int)(flags >> CpuShift)) : 0, count = ofOneCpu ? 1 : cpus;
        var into = new Span<byte>(value, stride * count);
        if (result < 0)
        {
            into.Clear();
        }

        int largest = all.Max(one => Stride(one.Map.ValueSize, cpus)) * cpus;
        byte[]? rented = largest > MostOnStack ? ArrayPool<byte>.Shared.Rent(largest) : null;
        Span<byte> from = rented ?? stackalloc byte[MostOnStack];
        foreach (EarlierMap earlier in all)
        {
            int step = Stride(earlier.Map.ValueSize, cpus);
            long found = Lookup(earlier.Map, key, from);
            if (found is < 0 and not -Errno.ENOENT)
            {
                result = found;
                break;
            }

            for (int i = 0; i < count && found >= 0; i++)
            {
                result = 0;
                earlier.Plan.Merge(into.Slice(i * stride, map.ValueSize), from.Slice((first + i) * step, earlier.Map.ValueSize));
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

    /// <summary>Makes room for a value that user space writes: it replaces the earlier ones. Returns 0 or the negative errno, and the flags of the write.</summary>
    internal long Replace(BpfMapHandle map, void* key, ref ulong flags)
    {
        bool isThere = IsThere(key);
        if (isThere && (flags & NoExist) != 0)
        {
            return -Errno.EEXIST;
        }

        if (isThere)
        {
            flags &= ~Exist;
            Clear(key, (flags & (ulong)ElementFlags.OneCpu) != 0 ? PossibleCpus.Of(map.Kernel).SlotOf((int)(flags >> CpuShift)) : null);
        }

        return 0;
    }

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

            int cpus = PerCpuMaps.Contains(earlier.Map.Type) ? PossibleCpus.Of(earlier.Map.Kernel).Count : 1, step = Stride(earlier.Map.ValueSize, cpus);
            byte[] value = new byte[step * cpus];
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
        int cpus = PerCpuMaps.Contains(map.Type) ? PossibleCpus.Of(map.Kernel).Count : 1, size = Stride(map.ValueSize, cpus) * cpus;
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

    private static int Stride(int size, int cpus) => cpus == 1 ? size : (size + sizeof(ulong) - 1) & -sizeof(ulong);
}

/// <summary>A map of an earlier version.</summary>
/// <param name="Map">The map.</param>
/// <param name="Plan">How its values are merged into those of the newest version.</param>
internal sealed record EarlierMap(BpfMapHandle Map, MergePlan Plan);

/// <summary>The types of maps whose values are one for each CPU.</summary>
internal static class PerCpuMaps
{
    internal static bool Contains(BpfMapType type) => type is BpfMapType.PerCpuHash or BpfMapType.PerCpuArray or BpfMapType.LruPerCpuHash;
}
