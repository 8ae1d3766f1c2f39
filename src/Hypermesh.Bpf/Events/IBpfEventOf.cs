namespace Hypermesh.Bpf;

/// <summary>An event that comes through a buffer with others. The generator implements it for the members of an event type that carry <c>HM_KIND(constant)</c>.</summary>
/// <typeparam name="TUnion">The type that holds all kinds, and says which it is.</typeparam>
/// <typeparam name="TSelf">The event's type.</typeparam>
public interface IBpfEventOf<TUnion, TSelf>
    where TUnion : unmanaged
    where TSelf : unmanaged, IBpfEventOf<TUnion, TSelf>
{
    /// <summary>Takes this event out of a record, where the record is one.</summary>
    /// <param name="record">The record.</param>
    /// <param name="value">The event; all zero when the record is another.</param>
    /// <returns>False when the record is another event.</returns>
    static abstract bool TryGet(in TUnion record, out TSelf value);
}

/// <summary>Says how many bytes a record has that is one of several kinds: the programs send no more than the kind needs.</summary>
/// <typeparam name="TEvent">The type that holds all kinds.</typeparam>
/// <param name="record">The record, filled up with zeros.</param>
/// <returns>Bytes, at most the type's own.</returns>
public delegate int BpfEventSize<TEvent>(in TEvent record)
    where TEvent : unmanaged;
