namespace Hypermesh.Bpf.Objects;

/// <summary>What stands in an element of a map of maps or of programs from the start.</summary>
/// <param name="Index">The element.</param>
/// <param name="Target">The map or program, by its name in the object.</param>
public sealed record MapInitialValue(int Index, string Target);
