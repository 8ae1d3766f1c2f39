using System.Runtime.InteropServices;
using Hypermesh.Bpf.Maps;

namespace Hypermesh.Bpf;

/// <summary>Base class of arrays whose elements are programs, perf events, control groups or sockets: elements are set by descriptor, and can be empty.</summary>
public abstract unsafe class BpfDescriptorArray : BpfMap
{
    private protected BpfDescriptorArray(BpfMapHandle handle, params ReadOnlySpan<BpfMapType> allowed)
        : base(handle, allowed)
        => CheckKey<int>();

    /// <summary>The number of elements, including empty ones.</summary>
    public int Count => (int)MapHandle.MaxEntries;

    /// <summary>Clears an element.</summary>
    /// <param name="index">Its index.</param>
    /// <returns>False when it was empty.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such index.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public bool Remove(int index)
    {
        this.CheckIndex(index);
        long result = MapCalls.Delete(MapHandle, &index);

        // Socket maps return EINVAL for an empty element.
        return !(result == -Errno.EINVAL && Type is BpfMapType.SockMap) && this.WasFound(result, BpfCommand.MapDeleteElement, "Removing from");
    }

    private protected void Put(int index, SafeHandle target, Func<string?>? whyInvalid = null)
    {
        this.CheckIndex(index);
        using var use = new SafeHandleUse(target);

        // The value is a descriptor, in 4 bytes or, for sockets, in 8.
        long descriptor = use.Descriptor;
        this.Updated(MapCalls.Update(MapHandle, &index, &descriptor, UpdateMode.Any), UpdateMode.Any, whyInvalid);
    }
}

/// <summary>Control groups that programs compare a task or a packet with (<c>BPF_MAP_TYPE_CGROUP_ARRAY</c>, 4.8).</summary>
public sealed class BpfCGroupArray : BpfDescriptorArray
{
    /// <summary>Creates a typed view of a map.</summary>
    /// <param name="handle">The map.</param>
    /// <exception cref="BpfException">The map is of another type.</exception>
    public BpfCGroupArray(BpfMapHandle handle)
        : base(handle, BpfMapType.CGroupArray)
    {
    }

    /// <summary>Sets the control group of an element.</summary>
    /// <param name="index">The index of the element.</param>
    /// <param name="cgroup">The descriptor of its directory, of cgroup v2.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such index.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EBADF: the descriptor is not a control group.</exception>
    public void Set(int index, SafeHandle cgroup) => Put(index, cgroup);

    /// <summary>Sets the control group of an element.</summary>
    /// <param name="index">The index of the element.</param>
    /// <param name="path">Its directory, such as <c>/sys/fs/cgroup/system.slice</c>.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such index.</exception>
    /// <exception cref="BpfSyscallException">There is no such directory, or the kernel rejected the call.</exception>
    public void Set(int index, string path)
    {
        using BpfHandle directory = DescriptorKeys.Open(this, path);
        Put(index, directory);
    }
}
