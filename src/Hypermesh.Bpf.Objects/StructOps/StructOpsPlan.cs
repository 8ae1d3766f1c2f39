namespace Hypermesh.Bpf.Objects;

/// <summary>A table as the running kernel has it: which of its types it is, the map's value, and where programs go.</summary>
/// <param name="Table">The table.</param>
/// <param name="TypeId">The struct's id in the kernel's types.</param>
/// <param name="ValueTypeId">The id of what the kernel wraps around it (<c>bpf_struct_ops_NAME</c>): the map's value.</param>
/// <param name="Value">The value, complete but for the descriptors of programs.</param>
/// <param name="Slots">The programs.</param>
internal sealed record StructOpsPlan(StructOpsSpec Table, int TypeId, int ValueTypeId, byte[] Value, IReadOnlyList<StructOpsSlot> Slots);
