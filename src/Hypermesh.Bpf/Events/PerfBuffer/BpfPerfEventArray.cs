using System.Runtime.InteropServices;

namespace Hypermesh.Bpf;

/// <summary>Perf events, one for each CPU, that programs read or send records through (<c>BPF_MAP_TYPE_PERF_EVENT_ARRAY</c>, 4.3). On 5.8 and newer, prefer a ring buffer.</summary>
public sealed class BpfPerfEventArray : BpfDescriptorArray
{
    /// <summary>Creates a view of a map.</summary>
    /// <param name="handle">The map.</param>
    /// <exception cref="BpfException">The map is of another type.</exception>
    public BpfPerfEventArray(BpfMapHandle handle)
        : base(handle, BpfMapType.PerfEventArray)
    {
    }

    /// <summary>Stores a perf event in the map, such as a counter for programs to read.</summary>
    /// <param name="index">The index of the element: the CPU's number, if programs use the element of the current CPU.</param>
    /// <param name="perfEvent">The event's descriptor.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such index.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EBADF: the descriptor is not a perf event.</exception>
    public void Set(int index, SafeHandle perfEvent) => Put(index, perfEvent);

    /// <summary>Creates a buffer for each online CPU and stores it in the map: records that programs send from now on arrive there.</summary>
    /// <param name="options">The options; null for the defaults.</param>
    /// <returns>The buffers; they are disposed with the object at the latest.</returns>
    /// <remarks>Needs CAP_PERFMON or a <c>perf_event_paranoid</c> of 0 or less, and memory that may be locked.</remarks>
    /// <exception cref="ArgumentException">The options are not valid.</exception>
    /// <exception cref="BpfPermissionException">Perf events are not permitted, or their memory exceeds <c>perf_event_mlock_kb</c>.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public BpfPerfBuffer OpenBuffer(BpfPerfBufferOptions? options = null) => BpfPerfBuffer.Open(this, options ?? new BpfPerfBufferOptions());

    internal void Put(int index, BpfHandle perfEvent) => base.Put(index, perfEvent);
}

/// <summary>Perf events, one for each CPU, through which programs send records of one type (<c>BPF_MAP_TYPE_PERF_EVENT_ARRAY</c>, 4.3). On 5.8 and newer, prefer a ring buffer.</summary>
/// <typeparam name="TEvent">The record's type, with the layout it has in the C.</typeparam>
public sealed class BpfPerfEventArray<TEvent> : BpfDescriptorArray
    where TEvent : unmanaged
{
    private readonly BpfEventSize<TEvent>? _sizeOf;

    /// <summary>Creates a view of a map.</summary>
    /// <param name="handle">The map.</param>
    /// <exception cref="BpfException">The map is of another type.</exception>
    public BpfPerfEventArray(BpfMapHandle handle)
        : base(handle, BpfMapType.PerfEventArray)
    {
    }

    /// <summary>Creates a view of a map whose records have several kinds and sizes.</summary>
    /// <param name="handle">The map.</param>
    /// <param name="sizeOf">Returns the size in bytes of a record of its kind.</param>
    /// <exception cref="BpfException">The map is of another type.</exception>
    public BpfPerfEventArray(BpfMapHandle handle, BpfEventSize<TEvent> sizeOf)
        : this(handle)
        => _sizeOf = sizeOf;

    /// <summary>Stores a perf event in the map, such as a counter for programs to read.</summary>
    /// <param name="index">The index of the element: the CPU's number, if programs use the element of the current CPU.</param>
    /// <param name="perfEvent">The event's descriptor.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such index.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EBADF: the descriptor is not a perf event.</exception>
    public void Set(int index, SafeHandle perfEvent) => Put(index, perfEvent);

    /// <summary>Creates a buffer for each online CPU and stores it in the map: records that programs send from now on arrive there.</summary>
    /// <param name="options">The options; null for the defaults.</param>
    /// <returns>The buffers; they are disposed with the object at the latest.</returns>
    /// <remarks>Needs CAP_PERFMON or a <c>perf_event_paranoid</c> of 0 or less, and memory that may be locked.</remarks>
    /// <exception cref="ArgumentException">The options are not valid.</exception>
    /// <exception cref="BpfPermissionException">Perf events are not permitted, or their memory exceeds <c>perf_event_mlock_kb</c>.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public BpfPerfBuffer<TEvent> OpenBuffer(BpfPerfBufferOptions? options = null)
        => new(new BpfPerfEventArray(MapHandle).OpenBuffer(options), MapHandle, _sizeOf);
}
