using System.Runtime.InteropServices;
using Hypermesh.Bpf.Errors;
using Hypermesh.Bpf.Maps;

namespace Hypermesh.Bpf;

/// <summary>Base class of storages that keep a value for a socket, a file or a control group. User space accesses the value by descriptor; it is freed with its owner.</summary>
/// <typeparam name="TValue">The value's type, with the layout it has in the C.</typeparam>
public abstract unsafe class BpfDescriptorStorage<TValue> : BpfMap
    where TValue : unmanaged
{
    private protected BpfDescriptorStorage(BpfMapHandle handle, params ReadOnlySpan<BpfMapType> allowed)
        : base(handle, allowed)
    {
        CheckKey<int>();
        CheckValue<TValue>();
    }

    /// <summary>Reads the value of an owner.</summary>
    /// <param name="owner">The owner's descriptor.</param>
    /// <param name="value">The value.</param>
    /// <returns>False when the owner has no value.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EBADF: the descriptor is of another kind.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public bool TryGetValue(SafeHandle owner, out TValue value)
    {
        using var use = new SafeHandleUse(owner);
        int key = use.Descriptor;
        fixed (TValue* v = &value)
        {
            *v = default;
            return this.WasFound(MapCalls.Lookup(MapHandle, &key, v), BpfCommand.MapLookupElement, "Reading");
        }
    }

    /// <summary>Writes the value of an owner; creates it if there is none.</summary>
    /// <param name="owner">The owner's descriptor.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EBADF: the descriptor is of another kind.</exception>
    public void Set(SafeHandle owner, in TValue value)
    {
        using var use = new SafeHandleUse(owner);
        int key = use.Descriptor;
        fixed (TValue* v = &value)
        {
            this.Updated(MapCalls.Update(MapHandle, &key, v, UpdateMode.Any), UpdateMode.Any);
        }
    }

    /// <summary>Removes the value of an owner.</summary>
    /// <param name="owner">The owner's descriptor.</param>
    /// <returns>False when the owner had no value.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EBADF: the descriptor is of another kind.</exception>
    public bool Remove(SafeHandle owner)
    {
        using var use = new SafeHandleUse(owner);
        int key = use.Descriptor;
        return this.WasFound(MapCalls.Delete(MapHandle, &key), BpfCommand.MapDeleteElement, "Removing from");
    }
}

/// <summary>Values of sockets (<c>BPF_MAP_TYPE_SK_STORAGE</c>, 5.2).</summary>
/// <typeparam name="TValue">The value's type, with the layout it has in the C.</typeparam>
public sealed class BpfSocketStorage<TValue> : BpfDescriptorStorage<TValue>
    where TValue : unmanaged
{
    /// <summary>Creates a typed view of a map.</summary>
    /// <param name="handle">The map.</param>
    /// <exception cref="BpfException">The map is of another type, or its sizes are not those of the types.</exception>
    public BpfSocketStorage(BpfMapHandle handle)
        : base(handle, BpfMapType.SkStorage)
    {
    }
}

/// <summary>Values of inodes, accessed by any open file of the inode (<c>BPF_MAP_TYPE_INODE_STORAGE</c>, 5.10, CONFIG_BPF_LSM).</summary>
/// <typeparam name="TValue">The value's type, with the layout it has in the C.</typeparam>
public sealed class BpfInodeStorage<TValue> : BpfDescriptorStorage<TValue>
    where TValue : unmanaged
{
    /// <summary>Creates a typed view of a map.</summary>
    /// <param name="handle">The map.</param>
    /// <exception cref="BpfException">The map is of another type, or its sizes are not those of the types.</exception>
    public BpfInodeStorage(BpfMapHandle handle)
        : base(handle, BpfMapType.InodeStorage)
    {
    }
}

/// <summary>Values of control groups of version 2, accessed by their directory (<c>BPF_MAP_TYPE_CGRP_STORAGE</c>, 6.2).</summary>
/// <typeparam name="TValue">The value's type, with the layout it has in the C.</typeparam>
public sealed class BpfCGroupLocalStorage<TValue> : BpfDescriptorStorage<TValue>
    where TValue : unmanaged
{
    /// <summary>Creates a typed view of a map.</summary>
    /// <param name="handle">The map.</param>
    /// <exception cref="BpfException">The map is of another type, or its sizes are not those of the types.</exception>
    public BpfCGroupLocalStorage(BpfMapHandle handle)
        : base(handle, BpfMapType.CGroupLocalStorage)
    {
    }
}

/// <summary>Opens files and directories whose descriptors are the keys of a map.</summary>
internal static class DescriptorKeys
{
    internal static BpfHandle Open(BpfMap map, string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        long result = map.MapHandle.Kernel.Open(path, FileFlags.ReadOnly | FileFlags.CloseOnExec);
        return result >= 0
            ? new BpfHandle(map.MapHandle.Kernel, result)
            : throw KernelErrors.Of(
                map.MapHandle.Kernel, "open", result, $"Opening {path} for map {map.Name}", Capabilities.None, map.MapHandle.ObjectName, map.Name);
    }
}
