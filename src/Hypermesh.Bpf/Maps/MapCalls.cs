namespace Hypermesh.Bpf.Maps;

/// <summary>The operations on one element and on batches, without error handling: they return 0 or the negative errno. Nothing is allocated.</summary>
internal static unsafe class MapCalls
{
    internal static long Lookup(BpfMapHandle map, void* key, void* value, ElementFlags flags = ElementFlags.None)
    {
        MapState state = map.State;
        long result = Element(map, state, BpfCommand.MapLookupElement, key, value, (ulong)flags);
        return state.Earlier is { } earlier ? earlier.Merge(map, key, value, (ulong)flags, result) : result;
    }

    internal static long LookupAndDelete(BpfMapHandle map, void* key, void* value)
    {
        MapState state = map.State;
        long result = Element(map, state, BpfCommand.MapLookupAndDeleteElement, key, value, 0);
        if (state.Earlier is { } earlier && (result = earlier.Merge(map, key, value, 0, result)) >= 0)
        {
            earlier.Remove(key);
        }

        return result;
    }

    internal static long Update(BpfMapHandle map, void* key, void* value, UpdateMode mode) => Update(map, key, value, (ulong)mode);

    internal static long Update(BpfMapHandle map, void* key, void* value, ElementFlags flags) => Update(map, key, value, (ulong)flags);

    internal static long Delete(BpfMapHandle map, void* key)
    {
        MapState state = map.State;
        long result = Element(map, state, BpfCommand.MapDeleteElement, key, null, 0);
        bool wasThere = state.Earlier is { } earlier && result is >= 0 or -Errno.ENOENT && earlier.Remove(key);
        return wasThere && result == -Errno.ENOENT ? 0 : result;
    }

    /// <summary>Gets the key after <paramref name="key"/>; the first key for null.</summary>
    internal static long NextKey(BpfMapHandle map, void* key, void* next)
        => map.State.Earlier is { } earlier ? earlier.NextKey(map, key, next) : OwnNextKey(map, key, next);

    /// <summary>Runs the command on up to <paramref name="count"/> elements (5.6); sets the count to the number of processed elements. Maps with earlier ones have no batches.</summary>
    internal static long Batch(BpfMapHandle map, BpfCommand command, void* cursorIn, void* cursorOut, void* keys, void* values, ref uint count)
    {
        MapState state = map.State;
        if (state.Earlier is not null)
        {
            count = 0;
            return -Errno.EOPNOTSUPP;
        }

        using HandleUse use = state.Created(map.ObjectName).Use();
        MapBatchAttr attributes = default;
        attributes.InBatch = (ulong)cursorIn;
        attributes.OutBatch = (ulong)cursorOut;
        attributes.Keys = (ulong)keys;
        attributes.Values = (ulong)values;
        attributes.Count = count;
        attributes.MapFd = (uint)use.Descriptor;
        long result = map.Kernel.Bpf(command, &attributes, (uint)sizeof(MapBatchAttr));
        count = attributes.Count;
        return result;
    }

    /// <summary>Reads the map alone, without those of other versions.</summary>
    internal static long OwnLookup(BpfMapHandle map, void* key, void* value) => Element(map, map.State, BpfCommand.MapLookupElement, key, value, 0);

    internal static long OwnUpdate(BpfMapHandle map, void* key, void* value) => Element(map, map.State, BpfCommand.MapUpdateElement, key, value, 0);

    internal static long OwnDelete(BpfMapHandle map, void* key) => Element(map, map.State, BpfCommand.MapDeleteElement, key, null, 0);

    internal static long OwnNextKey(BpfMapHandle map, void* key, void* next) => Element(map, map.State, BpfCommand.MapGetNextKey, key, next, 0);

    // What other versions have of the key is removed once the new value is there: a write that fails loses nothing.
    private static long Update(BpfMapHandle map, void* key, void* value, ulong flags)
    {
        MapState state = map.State;
        if (state.Earlier is not { } earlier)
        {
            return Element(map, state, BpfCommand.MapUpdateElement, key, value, flags);
        }

        long result = earlier.Allow(key, ref flags);
        result = result < 0 ? result : Element(map, state, BpfCommand.MapUpdateElement, key, value, flags);
        if (result >= 0)
        {
            earlier.Replace(map, key, flags);
        }

        return result;
    }

    private static long Element(BpfMapHandle map, MapState state, BpfCommand command, void* key, void* value, ulong flags)
    {
        using HandleUse use = state.Created(map.ObjectName).Use();
        MapElementAttr attributes = default;
        attributes.MapFd = (uint)use.Descriptor;
        attributes.Key = (ulong)key;
        attributes.Value = (ulong)value;
        attributes.Flags = flags;
        return (map.ShortCommands & ShortMapCalls.Kind(command)) != 0
            ? map.Kernel.BpfMapOperation(command, &attributes, (uint)sizeof(MapElementAttr))
            : map.Kernel.Bpf(command, &attributes, (uint)sizeof(MapElementAttr));
    }
}

/// <summary>
/// Decides, once for each map, which calls on one of its elements are short enough to run without a GC transition. A garbage collection waits for such a call, so only calls known to
/// be short are listed: many map types wait for programs to end (maps of maps), take a mutex, start a thread, or copy large values.
/// </summary>
internal static class ShortMapCalls
{
    // Copying takes about a microsecond.
    private const ulong MostBytes = 4096;

    /// <summary>The commands that are short on maps like this one.</summary>
    internal static ShortCommands Of(IKernel kernel, BpfMapDefinition map)
    {
        (bool isListed, bool isPerCpu, bool isHash) = map.Type switch
        {
            BpfMapType.Array => (true, false, false),
            BpfMapType.Hash or BpfMapType.LruHash => (true, false, true),
            BpfMapType.PerCpuArray => (true, true, false),
            BpfMapType.PerCpuHash or BpfMapType.LruPerCpuHash => (true, true, true),
            _ => default,
        };
        if (!isListed || (ulong)map.KeySize + (((ulong)map.ValueSize + 7) & ~7ul) * (ulong)(isPerCpu ? PossibleCpus.Of(kernel).Count : 1) > MostBytes)
        {
            return ShortCommands.None;
        }

        // The kernel searches a hash for its next key bucket by bucket, which takes milliseconds if it is large and nearly empty. When a value is replaced or removed, the kernel frees its
        // timers, its lists and what its pointers refer to.
        return ShortCommands.Lookup
            | (isHash ? ShortCommands.None : ShortCommands.NextKey)
            | (map.HasKernelFields ? ShortCommands.None : ShortCommands.Change);
    }

    internal static ShortCommands Kind(BpfCommand command) => command switch
    {
        BpfCommand.MapLookupElement => ShortCommands.Lookup,
        BpfCommand.MapGetNextKey => ShortCommands.NextKey,
        _ => ShortCommands.Change,
    };
}

/// <summary>Groups of commands on one element of a map.</summary>
[Flags]
internal enum ShortCommands : byte
{
    None = 0,
    Lookup = 1,
    NextKey = 2,

    /// <summary>Update, delete, and look up and delete.</summary>
    Change = 4,

    /// <summary>Set once the other flags are decided.</summary>
    Decided = 8,
}

/// <summary>Flags of an operation on one element, with the kernel's values; the lowest are those of <see cref="UpdateMode"/>.</summary>
[Flags]
internal enum ElementFlags : ulong
{
    None = 0,

    /// <summary><c>BPF_EXIST</c></summary>
    Exists = 2,

    /// <summary><c>BPF_F_LOCK</c></summary>
    Lock = 4,

    /// <summary><c>BPF_F_CPU</c>; the CPU's number is the upper half.</summary>
    OneCpu = 8,

    /// <summary><c>BPF_F_ALL_CPUS</c></summary>
    AllCpus = 16,
}

/// <summary>How an update treats an existing or missing entry.</summary>
internal enum UpdateMode : ulong
{
    /// <summary><c>BPF_ANY</c></summary>
    Any = 0,

    /// <summary><c>BPF_NOEXIST</c></summary>
    Add = 1,

    /// <summary><c>BPF_EXIST</c></summary>
    Replace = 2,
}
