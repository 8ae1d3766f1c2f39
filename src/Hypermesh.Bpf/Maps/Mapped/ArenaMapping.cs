namespace Hypermesh.Bpf;

/// <summary>An arena in this process's memory: where the programs' pointers into it are valid here too.</summary>
internal sealed class ArenaMapping : IDisposable
{
    // A program's reference to a place further than this behind a map's start is refused by the verifier.
    private const long LargestOffset = 1L << 29;

    private ArenaMapping(MappingHandle memory) => Memory = memory;

    internal MappingHandle Memory { get; }

    /// <summary>The one mapping of an arena in this process, made at first use.</summary>
    internal static ArenaMapping Of(BpfMapDescriptor map) => map.Share(Open);

    public void Dispose() => Memory.Dispose();

    private static ArenaMapping Open(BpfMapDescriptor map)
    {
        using HandleUse use = map.Use();
        const MemoryProtection ReadWrite = MemoryProtection.Read | MemoryProtection.Write;
        var size = (nuint)SizeOf(map);
        long result;
        MappingHandle? memory = map.Definition.Extra == 0
            ? MappingHandle.TryMap(map.Kernel, size, ReadWrite, MemoryMapping.Shared, use.Descriptor, 0, out result)
            : MappingHandle.TryMapAt(map.Kernel, (nint)map.Definition.Extra, size, ReadWrite, MemoryMapping.Shared, use.Descriptor, out result);
        return memory is not null
            ? new ArenaMapping(memory.Named(BpfMapDescriptor.SubjectOf(map.Name, map.ObjectName)))
            : throw KernelErrors.Of(map.Kernel, "mmap", result, $"Mapping arena {map.Name}", Capabilities.None, map.ObjectName, map.Name);
    }

    internal static long SizeOf(BpfMapDescriptor map) => (long)map.MaxEntries * Environment.SystemPageSize;

    /// <summary>
    /// Where the object's globals lie: at the arena's end, so that its first page stays free and no pointer to one is null; at its start where the end is too
    /// far for the verifier.
    /// </summary>
    internal static int PlaceOfGlobals(BpfMapDescriptor map, int size)
    {
        long pages = (size + Environment.SystemPageSize - 1L) / Environment.SystemPageSize * Environment.SystemPageSize;
        long place = SizeOf(map) - pages;
        return place < 0
            ? throw new BpfException($"Arena {map.Name} of {map.MaxEntries} pages is too small for its {size} bytes of globals.", map.ObjectName, map.Name)
            : place < LargestOffset - pages ? (int)place : 0;
    }
}
