using Hypermesh.Bpf.Maps;

namespace Hypermesh.Bpf;

/// <summary>Network interfaces to redirect packets to (<c>BPF_MAP_TYPE_DEVMAP</c>, 4.14), by index.</summary>
public sealed unsafe class BpfDevMap : BpfMap
{
    /// <summary>Creates a typed view of a map.</summary>
    /// <param name="handle">The map.</param>
    /// <exception cref="BpfException">The map is of another type.</exception>
    public BpfDevMap(BpfMapHandle handle)
        : base(handle, [BpfMapType.DevMap])
    {
        CheckKey<int>();
    }

    /// <summary>Sets the interface of an element.</summary>
    /// <param name="index">The index of the element.</param>
    /// <param name="device">The interface.</param>
    /// <param name="program">The program that runs on packets there, of section <c>xdp/devmap</c>; null for none.</param>
    /// <exception cref="BpfException">The map's values cannot hold a program, or the program is not loaded.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public void Set(int index, NetworkDevice device, BpfProgram? program = null)
    {
        this.CheckIndex(index);
        RedirectValue.Set(this, &index, (uint)device.Index, program);
    }

    /// <summary>Reads an element.</summary>
    /// <param name="index">The index of the element.</param>
    /// <param name="entry">The value of the element.</param>
    /// <returns>False when it is empty.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public bool TryGet(int index, out BpfRedirectEntry entry)
    {
        this.CheckIndex(index);
        return RedirectValue.TryGet(this, &index, out entry);
    }

    /// <summary>Clears an element.</summary>
    /// <param name="index">The index of the element.</param>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public void Remove(int index)
    {
        this.CheckIndex(index);
        this.WasFound(MapCalls.Delete(MapHandle, &index), BpfCommand.MapDeleteElement, "Removing from");
    }
}

/// <summary>Network interfaces to redirect packets to (<c>BPF_MAP_TYPE_DEVMAP_HASH</c>, 5.4), by any integer key.</summary>
public sealed unsafe class BpfDevHashMap : BpfMap
{
    /// <summary>Creates a typed view of a map.</summary>
    /// <param name="handle">The map.</param>
    /// <exception cref="BpfException">The map is of another type.</exception>
    public BpfDevHashMap(BpfMapHandle handle)
        : base(handle, [BpfMapType.DevMapHash])
    {
        CheckKey<int>();
    }

    /// <summary>Sets the interface of an element.</summary>
    /// <param name="key">The key.</param>
    /// <param name="device">The interface.</param>
    /// <param name="program">The program that runs on packets there, of section <c>xdp/devmap</c>; null for none.</param>
    /// <exception cref="BpfException">The map's values cannot hold a program, or the program is not loaded.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public void Set(int key, NetworkDevice device, BpfProgram? program = null)
    {
        RedirectValue.Set(this, &key, (uint)device.Index, program);
    }

    /// <summary>Reads an entry.</summary>
    /// <param name="key">The key.</param>
    /// <param name="entry">The value of the element.</param>
    /// <returns>False when there is no entry with that key.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public bool TryGet(int key, out BpfRedirectEntry entry)
    {
        return RedirectValue.TryGet(this, &key, out entry);
    }

    /// <summary>Removes an interface.</summary>
    /// <param name="key">The key.</param>
    /// <returns>False when there was no entry with that key.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public bool Remove(int key)
    {
        return this.WasFound(MapCalls.Delete(MapHandle, &key), BpfCommand.MapDeleteElement, "Removing from");
    }
}

/// <summary>An element of a device map or CPU map.</summary>
/// <param name="Target">The interface's index (device maps), or the number of packets the CPU's queue holds (CPU maps).</param>
/// <param name="ProgramId">The kernel's ID of the program that runs there; 0 for none.</param>
public readonly record struct BpfRedirectEntry(uint Target, uint ProgramId);

/// <summary>The value of a device or CPU map: 4 bytes, and 4 more for a program where the map was declared with them (5.8, 5.9).</summary>
internal static unsafe class RedirectValue
{
    // struct bpf_devmap_val and bpf_cpumap_val: the target, then the program: its descriptor when writing, its ID when reading.
    private const int WithProgram = 8;

    // Device and CPU maps take a program for every descriptor above 0.
    private const int NoProgram = 0;

    internal static void Set(BpfMap map, void* key, uint target, BpfProgram? program)
    {
        if (program is not null && map.ValueSize < WithProgram)
        {
            throw new BpfException(
                $"Map {map.Name} has values of {map.ValueSize} bytes, which cannot hold a program: declare them as struct bpf_devmap_val or bpf_cpumap_val in the C.",
                map.MapHandle.ObjectName, map.Name);
        }

        using HandleUse use = program is null ? default : program.Loaded.Use();
        int* value = stackalloc int[2] { (int)target, program is null ? NoProgram : use.Descriptor };
        map.Updated(MapCalls.Update(map.MapHandle, key, value, UpdateMode.Any), UpdateMode.Any, () => Explain(map, target, program));
    }

    // The kernel returns the same error for the device and for the program.
    private static string? Explain(BpfMap map, uint target, BpfProgram? program)
    {
        bool isCpu = map.Type == BpfMapType.CpuMap;
        string section = isCpu ? "xdp/cpumap" : "xdp/devmap";
        return program is not null && program.Descriptor.AttachType != (isCpu ? BpfAttachType.XdpCpuMap : BpfAttachType.XdpDevMap)
            ? $"Program {program.Name} is SEC(\"{program.SectionName}\"), and a program in this map must be SEC(\"{section}\")."
            : !isCpu && map.MapHandle.Kernel.InterfaceName((int)target) is null ? $"There is no network device with index {target} in this network namespace." : null;
    }

    internal static bool TryGet(BpfMap map, void* key, out BpfRedirectEntry entry)
    {
        uint* value = stackalloc uint[2];
        value[1] = 0;
        bool found = map.WasFound(MapCalls.Lookup(map.MapHandle, key, value), BpfCommand.MapLookupElement, "Reading");
        entry = found ? new BpfRedirectEntry(value[0], value[1]) : default;
        return found;
    }
}
