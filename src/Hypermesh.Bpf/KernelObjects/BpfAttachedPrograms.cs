namespace Hypermesh.Bpf;

/// <summary>The programs of a target's hook, in the order in which they run.</summary>
/// <param name="Programs">The programs.</param>
/// <param name="Flags">The flags all were attached with, where the target has one set of them (<c>BPF_F_ALLOW_…</c> of a control group).</param>
/// <param name="Revision">Counts the changes of the list, to attach only when it is still this one; 0 where the kernel counts none.</param>
public sealed record BpfAttachedPrograms(IReadOnlyList<BpfAttachedProgram> Programs, BpfAttachFlags Flags, ulong Revision);

/// <summary>One program of a target.</summary>
/// <param name="ProgramId">The kernel's number of the program.</param>
/// <param name="LinkId">The number of the link that attaches it; 0 without one, and where the kernel does not say (before 6.6; for control groups and namespaces never).</param>
/// <param name="Flags">The flags it was attached with (<c>BPF_F_…</c>), 0 where the kernel does not say.</param>
public readonly record struct BpfAttachedProgram(uint ProgramId, uint LinkId, BpfAttachFlags Flags);
