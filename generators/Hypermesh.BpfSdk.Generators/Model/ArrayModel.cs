namespace Hypermesh.BpfSdk.Generators.Model;

/// <summary>An array that lies within a struct, map value or variable.</summary>
/// <param name="CType">The array in C's words.</param>
/// <param name="Name">Its C# name.</param>
/// <param name="ElementType">The C# type of its elements.</param>
/// <param name="Length">How many there are.</param>
/// <param name="Size">Bytes in all.</param>
internal sealed record ArrayModel(string CType, string Name, string ElementType, int Length, int Size);
