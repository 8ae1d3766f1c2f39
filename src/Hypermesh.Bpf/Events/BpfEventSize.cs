namespace Hypermesh.Bpf;

/// <summary>Says how many bytes a record has that is one of several kinds: the programs send no more than the kind needs.</summary>
/// <typeparam name="TEvent">The type that holds all kinds.</typeparam>
/// <param name="record">The record, filled up with zeros.</param>
/// <returns>Bytes, at most the type's own.</returns>
public delegate int BpfEventSize<TEvent>(in TEvent record)
    where TEvent : unmanaged;
