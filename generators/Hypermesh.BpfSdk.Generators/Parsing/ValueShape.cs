namespace Hypermesh.BpfSdk.Generators.Parsing;

/// <summary>A C type as C# stores it.</summary>
/// <param name="Type">The C# type.</param>
/// <param name="Kind">How it is shown.</param>
/// <param name="Size">Bytes.</param>
internal readonly record struct ValueShape(string Type, ValueKind Kind, int Size);
