using Hypermesh.BpfSdk.Generators.Helpers;

namespace Hypermesh.BpfSdk.Generators.Model;

/// <summary>A record type of which a struct is one kind, or several.</summary>
/// <param name="UnionType">The record's C# type.</param>
/// <param name="KindField">The field that says which kind it is.</param>
/// <param name="Cases">The kinds that are of this struct.</param>
internal sealed record EventOfModel(string UnionType, string KindField, EquatableArray<EventCaseModel> Cases);
