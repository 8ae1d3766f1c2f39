namespace Hypermesh.Bpf;

/// <summary>Network interfaces to redirect packets to (<c>BPF_MAP_TYPE_DEVMAP_HASH</c>, 5.4), by any number.</summary>
public sealed unsafe class BpfDevHashMap : BpfMap
{
    /// <summary>Looks at a map through its type.</summary>
    /// <param name="descriptor">The map.</param>
    /// <exception cref="BpfException">The map is of another kind.</exception>
    public BpfDevHashMap(BpfMapDescriptor descriptor)
        : base(descriptor, [BpfMapType.DevMapHash])
    {
        CheckKey<int>();
    }

    /// <summary>Puts an interface in.</summary>
    /// <param name="key">The key.</param>
    /// <param name="device">The interface.</param>
    /// <param name="program">The program that runs on packets there, of section <c>xdp/devmap</c>; null for none.</param>
    /// <exception cref="BpfException">The map's values have no place for a program, or the program is not loaded.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    public void Set(int key, NetworkDevice device, BpfProgram? program = null)
    {
        RedirectValue.Set(this, &key, (uint)device.Index, program);
    }

    /// <summary>Reads an entry.</summary>
    /// <param name="key">The key.</param>
    /// <param name="entry">What it holds.</param>
    /// <returns>False when there is none of that key.</returns>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    public bool TryGet(int key, out BpfRedirectEntry entry)
    {
        return RedirectValue.TryGet(this, &key, out entry);
    }

    /// <summary>Removes an interface.</summary>
    /// <param name="key">The key.</param>
    /// <returns>False when there was none of that key.</returns>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    public bool Remove(int key)
    {
        return this.WasFound(MapCalls.Delete(Descriptor, &key), BpfCommand.MapDeleteElement, "Removing from");
    }
}
