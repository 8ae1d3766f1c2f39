namespace Hypermesh.Bpf;

/// <summary>The programs of a target's hook, in the order in which they run.</summary>
/// <param name="Programs">The programs.</param>
/// <param name="Flags">The flags all were attached with, where the target has one set of them (<c>BPF_F_ALLOW_…</c> of a control group).</param>
/// <param name="Revision">Counts the changes of the list, to attach only when it is still this one; 0 where the kernel counts none.</param>
public sealed record BpfAttachedPrograms(IReadOnlyList<BpfAttachedProgram> Programs, uint Flags, ulong Revision);
