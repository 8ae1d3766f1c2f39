using Hypermesh.BpfSdk.Generators.Model;

namespace Hypermesh.BpfSdk.Generators.Parsing;

/// <summary>A member of an event type that carries a tag.</summary>
/// <param name="CName">Its name in C.</param>
/// <param name="Constant">The constant the tag names.</param>
/// <param name="Field">The member.</param>
internal sealed record EventCase(string CName, string Constant, FieldModel Field);
