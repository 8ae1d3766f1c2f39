using Hypermesh.Bpf.Maps;

namespace Hypermesh.Bpf;

/// <summary>A queue: first in, first out (<c>BPF_MAP_TYPE_QUEUE</c>, 4.20).</summary>
/// <typeparam name="TValue">The value's type, with the layout it has in the C.</typeparam>
public sealed unsafe class BpfQueue<TValue> : BpfMap
    where TValue : unmanaged
{
    /// <summary>Creates a typed view of a map.</summary>
    /// <param name="handle">The map.</param>
    /// <exception cref="BpfException">The map is of another type, or its sizes are not those of the types.</exception>
    public BpfQueue(BpfMapHandle handle)
        : base(handle, [BpfMapType.Queue])
    {
        CheckValue<TValue>();
    }

    /// <summary>Adds a value.</summary>
    /// <param name="value">The value.</param>
    /// <returns>False when the map is full; nothing is added then.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public bool TryEnqueue(in TValue value)
    {
        fixed (TValue* v = &value)
        {
            long result = MapCalls.Update(MapHandle, null, v, UpdateMode.Any);
            return result != -Errno.E2BIG && this.Updated(result, UpdateMode.Any);
        }
    }

    /// <summary>Adds a value; if the map is full, removes the oldest one.</summary>
    /// <param name="value">The value.</param>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public void Enqueue(in TValue value)
    {
        fixed (TValue* v = &value)
        {
            this.Updated(MapCalls.Update(MapHandle, null, v, ElementFlags.Exists), UpdateMode.Any);
        }
    }

    /// <summary>Removes and returns the oldest value.</summary>
    /// <param name="value">The value.</param>
    /// <returns>False when there is none.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public bool TryDequeue(out TValue value)
    {
        fixed (TValue* v = &value)
        {
            *v = default;
            return this.WasFound(MapCalls.LookupAndDelete(MapHandle, null, v), BpfCommand.MapLookupAndDeleteElement, "Taking from");
        }
    }

    /// <summary>Reads the oldest value without removing it.</summary>
    /// <param name="value">The value.</param>
    /// <returns>False when there is none.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public bool TryPeek(out TValue value)
    {
        fixed (TValue* v = &value)
        {
            *v = default;
            return this.WasFound(MapCalls.Lookup(MapHandle, null, v), BpfCommand.MapLookupElement, "Reading");
        }
    }
}

/// <summary>A stack: last in, first out (<c>BPF_MAP_TYPE_STACK</c>, 4.20).</summary>
/// <typeparam name="TValue">The value's type, with the layout it has in the C.</typeparam>
public sealed unsafe class BpfStack<TValue> : BpfMap
    where TValue : unmanaged
{
    /// <summary>Creates a typed view of a map.</summary>
    /// <param name="handle">The map.</param>
    /// <exception cref="BpfException">The map is of another type, or its sizes are not those of the types.</exception>
    public BpfStack(BpfMapHandle handle)
        : base(handle, [BpfMapType.Stack])
    {
        CheckValue<TValue>();
    }

    /// <summary>Adds a value.</summary>
    /// <param name="value">The value.</param>
    /// <returns>False when the map is full; nothing is added then.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public bool TryPush(in TValue value)
    {
        fixed (TValue* v = &value)
        {
            long result = MapCalls.Update(MapHandle, null, v, UpdateMode.Any);
            return result != -Errno.E2BIG && this.Updated(result, UpdateMode.Any);
        }
    }

    /// <summary>Adds a value; if the map is full, removes the oldest one.</summary>
    /// <param name="value">The value.</param>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public void Push(in TValue value)
    {
        fixed (TValue* v = &value)
        {
            this.Updated(MapCalls.Update(MapHandle, null, v, ElementFlags.Exists), UpdateMode.Any);
        }
    }

    /// <summary>Removes and returns the latest value.</summary>
    /// <param name="value">The value.</param>
    /// <returns>False when there is none.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public bool TryPop(out TValue value)
    {
        fixed (TValue* v = &value)
        {
            *v = default;
            return this.WasFound(MapCalls.LookupAndDelete(MapHandle, null, v), BpfCommand.MapLookupAndDeleteElement, "Taking from");
        }
    }

    /// <summary>Reads the latest value without removing it.</summary>
    /// <param name="value">The value.</param>
    /// <returns>False when there is none.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public bool TryPeek(out TValue value)
    {
        fixed (TValue* v = &value)
        {
            *v = default;
            return this.WasFound(MapCalls.Lookup(MapHandle, null, v), BpfCommand.MapLookupElement, "Reading");
        }
    }
}
