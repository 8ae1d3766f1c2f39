namespace Hypermesh.Bpf;

/// <summary>The programs of a target's hook, in the order in which they run.</summary>
/// <param name="Programs">The programs.</param>
/// <param name="Flags">The flags that all programs were attached with, if the target has one set of flags (<c>BPF_F_ALLOW_…</c> of a control group).</param>
/// <param name="Revision">The revision of the list, to attach only if the list has not changed; 0 if the kernel does not count revisions.</param>
public sealed record BpfAttachedPrograms(IReadOnlyList<BpfAttachedProgram> Programs, BpfAttachFlags Flags, ulong Revision);

/// <summary>One program of a target.</summary>
/// <param name="ProgramId">The kernel's ID of the program.</param>
/// <param name="LinkId">The ID of the link that attaches it; 0 without a link, and if the kernel does not report it (before 6.6, and for control groups and namespaces).</param>
/// <param name="Flags">The flags it was attached with (<c>BPF_F_…</c>), 0 if the kernel does not report them.</param>
public readonly record struct BpfAttachedProgram(uint ProgramId, uint LinkId, BpfAttachFlags Flags);
