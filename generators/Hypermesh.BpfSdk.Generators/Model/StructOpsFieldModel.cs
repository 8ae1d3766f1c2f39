namespace Hypermesh.BpfSdk.Generators.Model;

/// <summary>A field of an operations table.</summary>
/// <param name="CName">Its name in C, by which it is looked up.</param>
/// <param name="Name">Its property.</param>
/// <param name="Type">The C# type of its value; null for a function, which is a program.</param>
/// <param name="IsBoolean">True when the property is <c>bool</c> over a byte.</param>
/// <param name="Declaration">Type and name in C.</param>
internal sealed record StructOpsFieldModel(string CName, string Name, string? Type, bool IsBoolean, string Declaration);
