namespace Hypermesh.Bpf.Objects.Btf;

/// <summary>One constant of an enum.</summary>
/// <param name="NameOffset">Its name, for <see cref="BtfTypes.GetString"/>.</param>
/// <param name="Value">Its value, sign-extended to 64 bits when the enum is signed.</param>
public readonly record struct BtfEnumValue(uint NameOffset, ulong Value);
