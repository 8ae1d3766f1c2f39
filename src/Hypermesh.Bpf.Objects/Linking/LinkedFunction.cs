namespace Hypermesh.Bpf.Objects.Linking;

/// <summary>Where a function begins in a linked program (<c>struct bpf_func_info</c>).</summary>
/// <param name="Index">Its first instruction.</param>
/// <param name="TypeId">Its type in the object's BTF.</param>
public readonly record struct LinkedFunction(uint Index, uint TypeId);
