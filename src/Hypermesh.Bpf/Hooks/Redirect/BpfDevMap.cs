namespace Hypermesh.Bpf;

/// <summary>Network interfaces to redirect packets to (<c>BPF_MAP_TYPE_DEVMAP</c>, 4.14), by index.</summary>
public sealed unsafe class BpfDevMap : BpfMap
{
    /// <summary>Looks at a map through its type.</summary>
    /// <param name="descriptor">The map.</param>
    /// <exception cref="BpfException">The map is of another kind.</exception>
    public BpfDevMap(BpfMapDescriptor descriptor)
        : base(descriptor, [BpfMapType.DevMap])
    {
        CheckKey<int>();
    }

    /// <summary>Puts an interface in.</summary>
    /// <param name="index">The element.</param>
    /// <param name="device">The interface.</param>
    /// <param name="program">The program that runs on packets there, of section <c>xdp/devmap</c>; null for none.</param>
    /// <exception cref="BpfException">The map's values have no place for a program, or the program is not loaded.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    public void Set(int index, NetworkDevice device, BpfProgram? program = null)
    {
        this.CheckIndex(index);
        RedirectValue.Set(this, &index, (uint)device.Index, program);
    }

    /// <summary>Reads an element.</summary>
    /// <param name="index">The element.</param>
    /// <param name="entry">What it holds.</param>
    /// <returns>False when it is empty.</returns>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    public bool TryGet(int index, out BpfRedirectEntry entry)
    {
        this.CheckIndex(index);
        return RedirectValue.TryGet(this, &index, out entry);
    }

    /// <summary>Empties an element.</summary>
    /// <param name="index">The element.</param>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    public void Remove(int index)
    {
        this.CheckIndex(index);
        this.WasFound(MapCalls.Delete(Descriptor, &index), BpfCommand.MapDeleteElement, "Removing from");
    }
}
