using System.Runtime.InteropServices;

namespace Hypermesh.Bpf;

/// <summary>What arrays have in common whose elements are programs, events, groups or sockets: they are set by descriptor, and each element may be empty.</summary>
public abstract unsafe class BpfDescriptorArray : BpfMap
{
    private protected BpfDescriptorArray(BpfMapDescriptor descriptor, params ReadOnlySpan<BpfMapType> allowed)
        : base(descriptor, allowed)
        => CheckKey<int>();

    /// <summary>How many elements there are, empty ones counted.</summary>
    public int Count => (int)Descriptor.MaxEntries;

    /// <summary>Empties an element.</summary>
    /// <param name="index">Its index.</param>
    /// <returns>False when it was empty.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such index.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    public bool Remove(int index)
    {
        this.CheckIndex(index);
        long result = MapCalls.Delete(Descriptor, &index);

        // Sockets' maps say EINVAL of an element that is empty.
        return !(result == -Errno.EINVAL && Type is BpfMapType.SockMap) && this.WasFound(result, BpfCommand.MapDeleteElement, "Removing from");
    }

    private protected void Put(int index, SafeHandle target)
    {
        this.CheckIndex(index);
        using var use = new SafeHandleUse(target);

        // The value is a descriptor, in 4 bytes or, for sockets, in 8.
        long descriptor = use.Descriptor;
        this.Updated(MapCalls.Update(Descriptor, &index, &descriptor, UpdateMode.Any), UpdateMode.Any);
    }
}
