namespace Hypermesh.Bpf.Objects.Btf;

/// <summary>One instruction whose operand depends on the running kernel's types (<c>struct bpf_core_relo</c>).</summary>
/// <param name="InstructionOffset">In bytes from the start of its section.</param>
/// <param name="TypeId">The type as the object knows it.</param>
/// <param name="AccessOffset">How it is accessed (such as <c>0:1:2</c>), for <see cref="BtfTypes.GetString"/>.</param>
/// <param name="Kind">What is asked.</param>
public readonly record struct CoreRelocation(uint InstructionOffset, int TypeId, uint AccessOffset, CoreRelocationKind Kind);
