using System.Runtime.InteropServices;

namespace Hypermesh.Bpf;

/// <summary>What the storages have in common that keep a value with a socket, a file or a group: from here it is reached by descriptor, and it ends with what it is kept with.</summary>
/// <typeparam name="TValue">The value's type, laid out as the C has it.</typeparam>
public abstract unsafe class BpfDescriptorStorage<TValue> : BpfMap
    where TValue : unmanaged
{
    private protected BpfDescriptorStorage(BpfMapDescriptor descriptor, params ReadOnlySpan<BpfMapType> allowed)
        : base(descriptor, allowed)
    {
        CheckKey<int>();
        CheckValue<TValue>();
    }

    /// <summary>Reads the value kept with something.</summary>
    /// <param name="owner">Its descriptor.</param>
    /// <param name="value">The value.</param>
    /// <returns>False when it has none.</returns>
    /// <exception cref="BpfSyscallException">The kernel refused; EBADF: the descriptor is none of that kind.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public bool TryGetValue(SafeHandle owner, out TValue value)
    {
        using var use = new SafeHandleUse(owner);
        int key = use.Descriptor;
        fixed (TValue* v = &value)
        {
            *v = default;
            return this.WasFound(MapCalls.Lookup(Descriptor, &key, v), BpfCommand.MapLookupElement, "Reading");
        }
    }

    /// <summary>Writes the value kept with something; it is made where there was none.</summary>
    /// <param name="owner">Its descriptor.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="BpfSyscallException">The kernel refused; EBADF: the descriptor is none of that kind.</exception>
    public void Set(SafeHandle owner, in TValue value)
    {
        using var use = new SafeHandleUse(owner);
        int key = use.Descriptor;
        fixed (TValue* v = &value)
        {
            this.Updated(MapCalls.Update(Descriptor, &key, v, UpdateMode.Any), UpdateMode.Any);
        }
    }

    /// <summary>Removes the value kept with something.</summary>
    /// <param name="owner">Its descriptor.</param>
    /// <returns>False when it had none.</returns>
    /// <exception cref="BpfSyscallException">The kernel refused; EBADF: the descriptor is none of that kind.</exception>
    public bool Remove(SafeHandle owner)
    {
        using var use = new SafeHandleUse(owner);
        int key = use.Descriptor;
        return this.WasFound(MapCalls.Delete(Descriptor, &key), BpfCommand.MapDeleteElement, "Removing from");
    }
}
