namespace Hypermesh.Bpf;

/// <summary>One program of a target.</summary>
/// <param name="ProgramId">The kernel's number of the program.</param>
/// <param name="LinkId">The number of the link that attaches it; 0 without one, and where the kernel does not say (before 6.6; for control groups and namespaces never).</param>
/// <param name="Flags">The flags it was attached with (<c>BPF_F_…</c>), 0 where the kernel does not say.</param>
public readonly record struct BpfAttachedProgram(uint ProgramId, uint LinkId, uint Flags);
