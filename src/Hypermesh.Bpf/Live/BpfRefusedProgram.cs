namespace Hypermesh.Bpf;

/// <summary>An optional program the kernel refused while the rest of its object was loaded.</summary>
/// <param name="Name">The program.</param>
/// <param name="Reason">Why.</param>
public sealed record BpfRefusedProgram(string Name, BpfException Reason);
