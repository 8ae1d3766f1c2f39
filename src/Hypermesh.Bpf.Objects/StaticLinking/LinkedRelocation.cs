namespace Hypermesh.Bpf.Objects.StaticLinking;

/// <summary>One place of a linked section that refers to a symbol.</summary>
/// <param name="Offset">The byte within the section.</param>
/// <param name="Type"><c>R_BPF_*</c>.</param>
/// <param name="Symbol">What it refers to.</param>
internal readonly record struct LinkedRelocation(ulong Offset, uint Type, LinkedSymbol Symbol);
