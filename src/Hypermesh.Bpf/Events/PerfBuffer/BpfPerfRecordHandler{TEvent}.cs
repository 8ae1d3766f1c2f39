namespace Hypermesh.Bpf;

/// <summary>Looks at a record where it lies in a CPU's buffer. It is valid within the call only; the buffer waits meanwhile, so be short.</summary>
/// <typeparam name="TEvent">The record's type, laid out as the C has it.</typeparam>
/// <param name="cpu">The CPU the program ran on.</param>
/// <param name="record">The record.</param>
public delegate void BpfPerfRecordHandler<TEvent>(int cpu, ref readonly TEvent record)
    where TEvent : unmanaged;
