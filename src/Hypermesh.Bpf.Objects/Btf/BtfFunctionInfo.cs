namespace Hypermesh.Bpf.Objects.Btf;

/// <summary>Where a function begins, and its type.</summary>
/// <param name="InstructionOffset">In bytes from the start of its section.</param>
/// <param name="TypeId">The <see cref="BtfKind.Function"/>.</param>
public readonly record struct BtfFunctionInfo(uint InstructionOffset, int TypeId);
