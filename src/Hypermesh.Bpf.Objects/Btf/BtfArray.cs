namespace Hypermesh.Bpf.Objects.Btf;

/// <summary>The parts of an array type.</summary>
/// <param name="ElementTypeId">What it holds.</param>
/// <param name="IndexTypeId">What it is indexed with.</param>
/// <param name="Count">How many elements; 0 for a flexible array.</param>
public readonly record struct BtfArray(int ElementTypeId, int IndexTypeId, uint Count);
