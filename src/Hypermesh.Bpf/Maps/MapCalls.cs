namespace Hypermesh.Bpf;

/// <summary>The operations on one element and on batches, as they are: results are 0 or the negative errno. Nothing is allocated.</summary>
internal static unsafe class MapCalls
{
    internal static long Lookup(BpfMapDescriptor map, void* key, void* value, ElementFlags flags = ElementFlags.None)
        => Element(map, BpfCommand.MapLookupElement, key, value, (ulong)flags);

    internal static long LookupAndDelete(BpfMapDescriptor map, void* key, void* value)
        => Element(map, BpfCommand.MapLookupAndDeleteElement, key, value, 0);

    internal static long Update(BpfMapDescriptor map, void* key, void* value, UpdateMode mode)
        => Element(map, BpfCommand.MapUpdateElement, key, value, (ulong)mode);

    internal static long Update(BpfMapDescriptor map, void* key, void* value, ElementFlags flags)
        => Element(map, BpfCommand.MapUpdateElement, key, value, (ulong)flags);

    internal static long Delete(BpfMapDescriptor map, void* key)
        => Element(map, BpfCommand.MapDeleteElement, key, null, 0);

    /// <summary>The key after <paramref name="key"/>; the first one after null.</summary>
    internal static long NextKey(BpfMapDescriptor map, void* key, void* next)
        => Element(map, BpfCommand.MapGetNextKey, key, next, 0);

    /// <summary>Reads up to <paramref name="count"/> elements after the cursor and moves it (5.6).</summary>
    internal static long LookupBatch(BpfMapDescriptor map, void* cursorIn, void* cursorOut, void* keys, void* values, ref uint count)
        => Batch(map, BpfCommand.MapLookupBatch, cursorIn, cursorOut, keys, values, ref count);

    /// <summary>The command on up to <paramref name="count"/> elements (5.6); the count becomes how many it was done to.</summary>
    internal static long Batch(BpfMapDescriptor map, BpfCommand command, void* cursorIn, void* cursorOut, void* keys, void* values, ref uint count)
    {
        using HandleUse use = map.Use();
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

    private static long Element(BpfMapDescriptor map, BpfCommand command, void* key, void* value, ulong flags)
    {
        using HandleUse use = map.Use();
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
