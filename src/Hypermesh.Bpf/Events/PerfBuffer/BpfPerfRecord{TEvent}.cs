namespace Hypermesh.Bpf;

/// <summary>A copy of a record of a <see cref="BpfPerfBuffer{TEvent}"/>.</summary>
/// <typeparam name="TEvent">The record's type, laid out as the C has it.</typeparam>
/// <param name="Cpu">The CPU the program ran on.</param>
/// <param name="Event">The record.</param>
public readonly record struct BpfPerfRecord<TEvent>(int Cpu, TEvent Event)
    where TEvent : unmanaged;
