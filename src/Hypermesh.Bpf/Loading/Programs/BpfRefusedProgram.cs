namespace Hypermesh.Bpf;

/// <summary>An optional program the kernel refused, so that the object was loaded without it.</summary>
/// <param name="Name">The program.</param>
/// <param name="Reason">Why it was refused.</param>
public sealed record BpfRefusedProgram(string Name, BpfException Reason);
