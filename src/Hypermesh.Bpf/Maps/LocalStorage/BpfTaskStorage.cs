using System.Runtime.InteropServices;
using Hypermesh.Bpf.Errors;
using Hypermesh.Bpf.Maps;

namespace Hypermesh.Bpf;

/// <summary>
/// Values of threads (<c>BPF_MAP_TYPE_TASK_STORAGE</c>, 5.11; usable from tracing programs 5.12). A value is freed with its thread. User space
/// accesses values by process; programs access those of every thread.
/// </summary>
/// <typeparam name="TValue">The value's type, with the layout it has in the C.</typeparam>
public sealed unsafe class BpfTaskStorage<TValue> : BpfMap
    where TValue : unmanaged
{
    /// <summary>Creates a typed view of a map.</summary>
    /// <param name="handle">The map.</param>
    /// <exception cref="BpfException">The map is of another type, or its value's size is not that of the type.</exception>
    public BpfTaskStorage(BpfMapHandle handle)
        : base(handle, [BpfMapType.TaskStorage])
    {
        CheckKey<int>();
        CheckValue<TValue>();
    }

    /// <summary>Reads the value of a process's main thread.</summary>
    /// <param name="processId">The ID of the process in this PID namespace.</param>
    /// <param name="value">The value.</param>
    /// <returns>False when there is no such process, or it has no value.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public bool TryGetValue(int processId, out TValue value)
    {
        value = default;
        using BpfHandle? process = OpenProcess(processId);
        return process is not null && TryGetValue(process, out value);
    }

    /// <summary>Reads the value of a thread.</summary>
    /// <param name="process">The descriptor from <c>pidfd_open</c>; with PIDFD_THREAD (6.9) of any thread.</param>
    /// <param name="value">The value.</param>
    /// <returns>False when it has no value.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EBADF: the descriptor is not a pidfd.</exception>
    public bool TryGetValue(SafeHandle process, out TValue value)
    {
        fixed (TValue* v = &value)
        {
            *v = default;
            using var key = new SafeHandleUse(process);
            int descriptor = key.Descriptor;
            return this.WasFound(MapCalls.Lookup(MapHandle, &descriptor, v), BpfCommand.MapLookupElement, "Reading");
        }
    }

    /// <summary>Writes the value of a process's main thread.</summary>
    /// <param name="processId">The ID of the process in this PID namespace.</param>
    /// <param name="value">The value.</param>
    /// <returns>False when there is no such process.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public bool TrySet(int processId, in TValue value)
    {
        using BpfHandle? process = OpenProcess(processId);
        if (process is null)
        {
            return false;
        }

        using HandleUse use = process.Use();
        int key = use.Descriptor;
        fixed (TValue* v = &value)
        {
            return this.Updated(MapCalls.Update(MapHandle, &key, v, UpdateMode.Any), UpdateMode.Any);
        }
    }

    /// <summary>Removes the value of a process's main thread.</summary>
    /// <param name="processId">The ID of the process in this PID namespace.</param>
    /// <returns>False when there was no value.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public bool Remove(int processId)
    {
        using BpfHandle? process = OpenProcess(processId);
        if (process is null)
        {
            return false;
        }

        using HandleUse use = process.Use();
        int key = use.Descriptor;
        return this.WasFound(MapCalls.Delete(MapHandle, &key), BpfCommand.MapDeleteElement, "Removing from");
    }

    private BpfHandle? OpenProcess(int processId)
    {
        long result = MapHandle.Kernel.ProcessDescriptor(processId);
        return result switch
        {
            >= 0 => new BpfHandle(MapHandle.Kernel, result),
            -Errno.ESRCH => null,
            _ => throw KernelErrors.Of(
                MapHandle.Kernel, "pidfd_open", result, $"Opening process {processId} for map {Name}", Capabilities.None, MapHandle.ObjectName, Name),
        };
    }
}
