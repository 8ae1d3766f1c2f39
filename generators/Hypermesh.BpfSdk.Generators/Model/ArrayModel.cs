namespace Hypermesh.BpfSdk.Generators.Model;

/// <summary>An array that lies within a struct, map value or variable.</summary>
/// <param name="CType">The array in C's words.</param>
/// <param name="Name">Its C# name.</param>
/// <param name="Kind">How its elements are shown.</param>
/// <param name="ElementType">The C# type of its elements; of <c>bool</c>s that of the array of bytes behind them.</param>
/// <param name="Length">How many there are.</param>
/// <param name="Size">Bytes in all.</param>
internal sealed record ArrayModel(string CType, string Name, ArrayKind Kind, string ElementType, int Length, int Size);
