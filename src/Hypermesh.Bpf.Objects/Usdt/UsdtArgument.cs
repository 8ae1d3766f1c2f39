namespace Hypermesh.Bpf.Objects.Usdt;

/// <summary>Where one argument of a static probe is.</summary>
/// <param name="Kind">Constant, register or memory.</param>
/// <param name="Value">The constant, or the offset to the register.</param>
/// <param name="Register">The register's place in <c>struct pt_regs</c>.</param>
/// <param name="Index">The second register's place.</param>
/// <param name="ScaleShift">By how many bits the second register is shifted.</param>
/// <param name="Size">Its size in bytes: 1, 2, 4 or 8.</param>
/// <param name="IsSigned">True when its sign is extended.</param>
internal readonly record struct UsdtArgument(UsdtArgumentKind Kind, long Value, int Register, int Index, int ScaleShift, int Size, bool IsSigned);
