namespace Hypermesh.Bpf.Objects.Binaries;

/// <summary>A function of a program or library.</summary>
/// <param name="Name">Its name without version.</param>
/// <param name="FileOffset">Where its code begins in the file.</param>
/// <param name="IsWeak">True when another of that name goes before it.</param>
/// <param name="Version">The number of its version, 0 without.</param>
/// <param name="IsHiddenVersion">True for a version kept for old callers (<c>name@VERSION</c>), false for the default (<c>name@@VERSION</c>).</param>
internal readonly record struct BinarySymbol(string Name, ulong FileOffset, bool IsWeak, int Version, bool IsHiddenVersion);
