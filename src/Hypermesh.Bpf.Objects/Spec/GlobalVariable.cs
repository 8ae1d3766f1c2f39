namespace Hypermesh.Bpf.Objects;

/// <summary>A global variable of the C.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Offset">Its first byte within the section.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="TypeId">Its type in the object's BTF.</param>
/// <param name="IsStatic">True for <c>static</c> and <c>__hidden</c> variables, which bindings do not show.</param>
public sealed record GlobalVariable(string Name, int Offset, int Size, int TypeId, bool IsStatic);
