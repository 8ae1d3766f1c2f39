namespace Hypermesh.Bpf;

/// <summary>An event that shares a buffer with other kinds of events. The generator implements it for the members of an event type that carry <c>HM_KIND(constant)</c>.</summary>
/// <typeparam name="TUnion">The type that holds all kinds and has the field that tells them apart.</typeparam>
/// <typeparam name="TSelf">The event's type.</typeparam>
public interface IBpfEventOf<TUnion, TSelf>
    where TUnion : unmanaged
    where TSelf : unmanaged, IBpfEventOf<TUnion, TSelf>
{
    /// <summary>Gets this event from a record of this kind.</summary>
    /// <param name="record">The record.</param>
    /// <param name="value">The event; all zero when the record is of another kind.</param>
    /// <returns>False when the record is of another kind.</returns>
    static abstract bool TryGet(in TUnion record, out TSelf value);
}

/// <summary>Returns the size in bytes of a record that is one of several kinds: the programs send no more than the kind needs.</summary>
/// <typeparam name="TEvent">The type that holds all kinds.</typeparam>
/// <param name="record">The record, filled up with zeros.</param>
/// <returns>The size in bytes, at most the size of the type.</returns>
public delegate int BpfEventSize<TEvent>(in TEvent record)
    where TEvent : unmanaged;
