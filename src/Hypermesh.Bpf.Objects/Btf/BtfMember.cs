namespace Hypermesh.Bpf.Objects.Btf;

/// <summary>A member of a struct or union.</summary>
/// <param name="NameOffset">Its name, for <see cref="BtfTypes.GetString"/>; empty for anonymous members.</param>
/// <param name="TypeId">Its type.</param>
/// <param name="BitOffset">Where it begins, in bits from the start of the struct.</param>
/// <param name="BitfieldSize">Its width in bits when it is a bitfield, else 0.</param>
public readonly record struct BtfMember(uint NameOffset, int TypeId, uint BitOffset, uint BitfieldSize);
