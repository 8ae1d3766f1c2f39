namespace Hypermesh.Bpf;

/// <summary>A BPF filter of a device's clsact (or ingress) discipline.</summary>
/// <param name="Priority">Its place: filters run from the lowest number on.</param>
/// <param name="Handle">Its number among those of its priority.</param>
/// <param name="ProgramId">The kernel's number of the program.</param>
/// <param name="Name">The name it was given, mostly that of the program.</param>
/// <param name="IsDirectAction">True when what the program returns is what happens to the packet.</param>
public sealed record TcFilter(ushort Priority, uint Handle, uint ProgramId, string Name, bool IsDirectAction);
