using System.Runtime.InteropServices;

namespace Hypermesh.Bpf;

/// <summary>Perf events for programs to read or to send records through (<c>BPF_MAP_TYPE_PERF_EVENT_ARRAY</c>, 4.3), one a CPU. On 5.8 and newer a ring buffer is the better way.</summary>
public sealed class BpfPerfEventArray : BpfDescriptorArray
{
    /// <summary>Looks at a map.</summary>
    /// <param name="handle">The map.</param>
    /// <exception cref="BpfException">The map is of another kind.</exception>
    public BpfPerfEventArray(BpfMapHandle handle)
        : base(handle, BpfMapType.PerfEventArray)
    {
    }

    /// <summary>Puts a perf event in, such as a counter for programs to read.</summary>
    /// <param name="index">The element: the CPU's number, where programs use the current CPU's.</param>
    /// <param name="perfEvent">The event's descriptor.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such index.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused; EBADF: the descriptor is none of an event.</exception>
    public void Set(int index, SafeHandle perfEvent) => Put(index, perfEvent);

    /// <summary>Makes a buffer for each CPU that is online and puts them in: what programs send from now on arrives there.</summary>
    /// <param name="options">How; null for the usual way.</param>
    /// <returns>The buffers; they end with the object at the latest.</returns>
    /// <remarks>Needs CAP_PERFMON or a <c>perf_event_paranoid</c> of 0 or less, and memory that may be locked.</remarks>
    /// <exception cref="ArgumentException">The options make no sense.</exception>
    /// <exception cref="BpfPermissionException">Perf events are not permitted, or their memory exceeds <c>perf_event_mlock_kb</c>.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    public BpfPerfBuffer OpenBuffer(BpfPerfBufferOptions? options = null) => BpfPerfBuffer.Open(this, options ?? new BpfPerfBufferOptions());

    internal void Put(int index, BpfHandle perfEvent) => base.Put(index, perfEvent);
}

/// <summary>Perf events through which programs send records of one type (<c>BPF_MAP_TYPE_PERF_EVENT_ARRAY</c>, 4.3), one a CPU. On 5.8 and newer a ring buffer is the better way.</summary>
/// <typeparam name="TEvent">The record's type, laid out as the C has it.</typeparam>
public sealed class BpfPerfEventArray<TEvent> : BpfDescriptorArray
    where TEvent : unmanaged
{
    private readonly BpfEventSize<TEvent>? _sizeOf;

    /// <summary>Looks at a map.</summary>
    /// <param name="handle">The map.</param>
    /// <exception cref="BpfException">The map is of another kind.</exception>
    public BpfPerfEventArray(BpfMapHandle handle)
        : base(handle, BpfMapType.PerfEventArray)
    {
    }

    /// <summary>Looks at a map whose records are of several kinds, of different sizes.</summary>
    /// <param name="handle">The map.</param>
    /// <param name="sizeOf">How many bytes a record of its kind has.</param>
    /// <exception cref="BpfException">The map is of another kind.</exception>
    public BpfPerfEventArray(BpfMapHandle handle, BpfEventSize<TEvent> sizeOf)
        : this(handle)
        => _sizeOf = sizeOf;

    /// <summary>Puts a perf event in, such as a counter for programs to read.</summary>
    /// <param name="index">The element: the CPU's number, where programs use the current CPU's.</param>
    /// <param name="perfEvent">The event's descriptor.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such index.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused; EBADF: the descriptor is none of an event.</exception>
    public void Set(int index, SafeHandle perfEvent) => Put(index, perfEvent);

    /// <summary>Makes a buffer for each CPU that is online and puts them in: what programs send from now on arrives there.</summary>
    /// <param name="options">How; null for the usual way.</param>
    /// <returns>The buffers; they end with the object at the latest.</returns>
    /// <remarks>Needs CAP_PERFMON or a <c>perf_event_paranoid</c> of 0 or less, and memory that may be locked.</remarks>
    /// <exception cref="ArgumentException">The options make no sense.</exception>
    /// <exception cref="BpfPermissionException">Perf events are not permitted, or their memory exceeds <c>perf_event_mlock_kb</c>.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    public BpfPerfBuffer<TEvent> OpenBuffer(BpfPerfBufferOptions? options = null)
        => new(new BpfPerfEventArray(Handle).OpenBuffer(options), Handle, _sizeOf);
}
