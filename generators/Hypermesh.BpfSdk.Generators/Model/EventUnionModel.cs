using Hypermesh.BpfSdk.Generators.Helpers;

namespace Hypermesh.BpfSdk.Generators.Model;

/// <summary>What makes a struct or union a record of several kinds.</summary>
/// <param name="KindField">The field that says which kind it is.</param>
/// <param name="KindType">That field's C# type.</param>
/// <param name="HasKindAlias">True when the field has another name and <c>Kind</c> is offered beside it.</param>
/// <param name="KindSize">The field's size in bytes: what every record has.</param>
/// <param name="Cases">The kinds, in C's order.</param>
internal sealed record EventUnionModel(string KindField, string KindType, bool HasKindAlias, int KindSize, EquatableArray<EventCaseModel> Cases);
