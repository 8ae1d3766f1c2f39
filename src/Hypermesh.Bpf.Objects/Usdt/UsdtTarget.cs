namespace Hypermesh.Bpf.Objects.Usdt;

/// <summary>One place of a static probe, as the kernel wants it.</summary>
/// <param name="Address">The address of its instruction, as the file says it is loaded.</param>
/// <param name="FileOffset">Its instruction in the file.</param>
/// <param name="SemaphoreOffset">The counter in the file, 0 without.</param>
/// <param name="Arguments">Where its arguments are.</param>
internal readonly record struct UsdtTarget(ulong Address, ulong FileOffset, ulong SemaphoreOffset, string Arguments);
