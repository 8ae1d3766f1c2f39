namespace Hypermesh.BpfSdk.Generators.Model;

/// <summary>One kind of a record of several.</summary>
/// <param name="Constant">What the C calls it.</param>
/// <param name="Value">The field's value then, as C# writes it.</param>
/// <param name="Field">The field that holds the event.</param>
/// <param name="Type">The event's C# type.</param>
/// <param name="Size">How many bytes such a record has.</param>
internal sealed record EventCaseModel(string Constant, string Value, string Field, string Type, int Size);
