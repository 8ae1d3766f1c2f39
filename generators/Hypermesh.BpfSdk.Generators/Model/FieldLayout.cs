namespace Hypermesh.BpfSdk.Generators.Model;

/// <summary>A field as it must lie in memory.</summary>
/// <param name="Name">The C# field, which is hidden behind a property for <c>_Bool</c> and bitfields.</param>
/// <param name="Offset">Bytes from the start of the struct.</param>
/// <param name="Size">Bytes.</param>
internal sealed record FieldLayout(string Name, int Offset, int Size);
