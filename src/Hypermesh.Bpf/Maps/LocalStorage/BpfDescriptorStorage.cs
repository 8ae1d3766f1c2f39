using System.Runtime.InteropServices;
using Hypermesh.Bpf.Errors;
using Hypermesh.Bpf.Maps;

namespace Hypermesh.Bpf;

/// <summary>What the storages have in common that keep a value with a socket, a file or a group: from here it is reached by descriptor, and it ends with what it is kept with.</summary>
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

    /// <summary>Reads the value kept with something.</summary>
    /// <param name="owner">Its descriptor.</param>
    /// <param name="value">The value.</param>
    /// <returns>False when it has none.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EBADF: the descriptor is of another kind.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public bool TryGetValue(SafeHandle owner, out TValue value)
    {
        using var use = new SafeHandleUse(owner);
        int key = use.Descriptor;
        fixed (TValue* v = &value)
        {
            *v = default;
            return this.WasFound(MapCalls.Lookup(Handle, &key, v), BpfCommand.MapLookupElement, "Reading");
        }
    }

    /// <summary>Writes the value kept with something; it is made where there was none.</summary>
    /// <param name="owner">Its descriptor.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EBADF: the descriptor is of another kind.</exception>
    public void Set(SafeHandle owner, in TValue value)
    {
        using var use = new SafeHandleUse(owner);
        int key = use.Descriptor;
        fixed (TValue* v = &value)
        {
            this.Updated(MapCalls.Update(Handle, &key, v, UpdateMode.Any), UpdateMode.Any);
        }
    }

    /// <summary>Removes the value kept with something.</summary>
    /// <param name="owner">Its descriptor.</param>
    /// <returns>False when it had none.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EBADF: the descriptor is of another kind.</exception>
    public bool Remove(SafeHandle owner)
    {
        using var use = new SafeHandleUse(owner);
        int key = use.Descriptor;
        return this.WasFound(MapCalls.Delete(Handle, &key), BpfCommand.MapDeleteElement, "Removing from");
    }
}

/// <summary>Values kept with sockets (<c>BPF_MAP_TYPE_SK_STORAGE</c>, 5.2).</summary>
/// <typeparam name="TValue">The value's type, with the layout it has in the C.</typeparam>
public sealed class BpfSocketStorage<TValue> : BpfDescriptorStorage<TValue>
    where TValue : unmanaged
{
    /// <summary>Creates a typed view of a map.</summary>
    /// <param name="handle">The map.</param>
    /// <exception cref="BpfException">The map is of another kind, or its sizes are not those of the types.</exception>
    public BpfSocketStorage(BpfMapHandle handle)
        : base(handle, BpfMapType.SkStorage)
    {
    }
}

/// <summary>Values kept with inodes, reached by any open file of them (<c>BPF_MAP_TYPE_INODE_STORAGE</c>, 5.10, CONFIG_BPF_LSM).</summary>
/// <typeparam name="TValue">The value's type, with the layout it has in the C.</typeparam>
public sealed class BpfInodeStorage<TValue> : BpfDescriptorStorage<TValue>
    where TValue : unmanaged
{
    /// <summary>Creates a typed view of a map.</summary>
    /// <param name="handle">The map.</param>
    /// <exception cref="BpfException">The map is of another kind, or its sizes are not those of the types.</exception>
    public BpfInodeStorage(BpfMapHandle handle)
        : base(handle, BpfMapType.InodeStorage)
    {
    }
}

/// <summary>Values kept with control groups of cgroup v2, reached by their directory (<c>BPF_MAP_TYPE_CGRP_STORAGE</c>, 6.2).</summary>
/// <typeparam name="TValue">The value's type, with the layout it has in the C.</typeparam>
public sealed class BpfCGroupLocalStorage<TValue> : BpfDescriptorStorage<TValue>
    where TValue : unmanaged
{
    /// <summary>Creates a typed view of a map.</summary>
    /// <param name="handle">The map.</param>
    /// <exception cref="BpfException">The map is of another kind, or its sizes are not those of the types.</exception>
    public BpfCGroupLocalStorage(BpfMapHandle handle)
        : base(handle, BpfMapType.CGroupLocalStorage)
    {
    }
}

/// <summary>Files and directories that stand for what a map's element belongs to.</summary>
internal static class DescriptorKeys
{
    internal static BpfHandle Open(BpfMap map, string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        long result = map.Handle.Kernel.Open(path, FileFlags.ReadOnly | FileFlags.CloseOnExec);
        return result >= 0
            ? new BpfHandle(map.Handle.Kernel, result)
            : throw KernelErrors.Of(
                map.Handle.Kernel, "open", result, $"Opening {path} for map {map.Name}", Capabilities.None, map.Handle.ObjectName, map.Name);
    }
}
