namespace Hypermesh.Bpf.Objects.Btf;

/// <summary>A variable's place in its section.</summary>
/// <param name="TypeId">The <see cref="BtfKind.Variable"/> (or, for kernel functions, <see cref="BtfKind.Function"/>).</param>
/// <param name="Offset">Its first byte; compilers leave 0 for the loader to take from the symbol table.</param>
/// <param name="Size">Its size in bytes.</param>
public readonly record struct BtfSectionVariable(int TypeId, uint Offset, uint Size);
