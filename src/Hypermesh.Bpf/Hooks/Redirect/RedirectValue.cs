namespace Hypermesh.Bpf;

/// <summary>The value of a device or CPU map: 4 bytes, and 4 more for a program where the map was declared with them (5.8, 5.9).</summary>
internal static unsafe class RedirectValue
{
    // struct bpf_devmap_val and bpf_cpumap_val: what it is, then a program's descriptor going in and its number coming out.
    private const int WithProgram = 8;

    // Device and CPU maps take a program for every descriptor above 0.
    private const int NoProgram = 0;

    internal static void Set(BpfMap map, void* key, uint target, BpfProgram? program)
    {
        if (program is not null && map.ValueSize < WithProgram)
        {
            throw new BpfException(
                $"Map {map.Name} has values of {map.ValueSize} bytes, which have no place for a program: declare them as struct bpf_devmap_val or bpf_cpumap_val.",
                map.Descriptor.ObjectName, map.Name);
        }

        using HandleUse use = program is null ? default : program.Loaded.Use();
        int* value = stackalloc int[2] { (int)target, program is null ? NoProgram : use.Descriptor };
        map.Updated(MapCalls.Update(map.Descriptor, key, value, UpdateMode.Any), UpdateMode.Any);
    }

    internal static bool TryGet(BpfMap map, void* key, out BpfRedirectEntry entry)
    {
        uint* value = stackalloc uint[2];
        value[1] = 0;
        bool found = map.WasFound(MapCalls.Lookup(map.Descriptor, key, value), BpfCommand.MapLookupElement, "Reading");
        entry = found ? new BpfRedirectEntry(value[0], value[1]) : default;
        return found;
    }
}
