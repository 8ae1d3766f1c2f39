using Hypermesh.BpfSdk.Generators.Helpers;

namespace Hypermesh.BpfSdk.Generators.Model;

/// <summary>How a member of two CPUs' values becomes one.</summary>
/// <param name="Operation">What is done with the numbers.</param>
/// <param name="Dimensions">The lengths of the arrays around them, outermost first.</param>
/// <param name="NumberType">The C# type of the numbers; null when they are structs.</param>
/// <param name="StructType">The C# type of the structs, which add up themselves; null when they are numbers.</param>
internal sealed record SumModel(SumOperation Operation, EquatableArray<int> Dimensions, string? NumberType, string? StructType);
