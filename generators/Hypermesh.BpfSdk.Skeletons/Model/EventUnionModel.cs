using Hypermesh.BpfSdk.Skeletons.Helpers;

namespace Hypermesh.BpfSdk.Skeletons.Model;

/// <summary>The facts about a struct or union that is a record of several kinds.</summary>
/// <param name="KindField">The field that says which kind it is.</param>
/// <param name="KindType">That field's C# type.</param>
/// <param name="HasKindAlias">True when the field has another name and <c>Kind</c> is offered beside it.</param>
/// <param name="KindSize">The field's size in bytes: what every record has.</param>
/// <param name="Cases">The kinds, in C's order.</param>
internal sealed record EventUnionModel(string KindField, string KindType, bool HasKindAlias, int KindSize, EquatableArray<EventCaseModel> Cases);

/// <summary>One kind of a record of several.</summary>
/// <param name="Constant">Its constant in C.</param>
/// <param name="Value">The value of the kind field, as C# writes it.</param>
/// <param name="Field">The field that holds the event.</param>
/// <param name="Type">The event's C# type.</param>
/// <param name="Size">The number of bytes of such a record.</param>
internal sealed record EventCaseModel(string Constant, string Value, string Field, string Type, int Size);

/// <summary>A record type of which a struct is one kind, or several.</summary>
/// <param name="UnionType">The record's C# type.</param>
/// <param name="KindField">The field that says which kind it is.</param>
/// <param name="Cases">The kinds that are of this struct.</param>
internal sealed record EventOfModel(string UnionType, string KindField, EquatableArray<EventCaseModel> Cases);
