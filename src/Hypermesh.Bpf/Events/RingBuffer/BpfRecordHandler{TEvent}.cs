namespace Hypermesh.Bpf;

/// <summary>Looks at a record where it lies in the ring buffer. It is valid within the call only; the ring waits meanwhile, so be short.</summary>
/// <typeparam name="TEvent">The record's type, laid out as the C has it.</typeparam>
/// <param name="record">The record.</param>
public delegate void BpfRecordHandler<TEvent>(ref readonly TEvent record)
    where TEvent : unmanaged;
