namespace Hypermesh.Bpf.Objects.Btf;

/// <summary>A parameter of a function prototype.</summary>
/// <param name="NameOffset">Its name, for <see cref="BtfTypes.GetString"/>; often empty.</param>
/// <param name="TypeId">Its type; 0 as the last parameter stands for <c>...</c>.</param>
public readonly record struct BtfParameter(uint NameOffset, int TypeId);
