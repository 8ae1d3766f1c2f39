using Hypermesh.BpfSdk.Generators.Helpers;

namespace Hypermesh.BpfSdk.Generators.Model;

/// <summary>A struct as it must lie in memory: what a check of the compiled assembly compares.</summary>
/// <param name="TypeName">The struct's C# name within the skeleton.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="Fields">Its fields, hidden ones included.</param>
internal sealed record StructLayout(string TypeName, int Size, EquatableArray<FieldLayout> Fields);
