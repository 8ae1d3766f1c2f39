namespace Hypermesh.Bpf;

/// <summary>A copy of a record of a <see cref="BpfPerfBuffer"/>.</summary>
/// <param name="Cpu">The CPU the program ran on.</param>
/// <param name="Data">The record's bytes; the kernel may have padded it by up to 7 zeros.</param>
public readonly record struct BpfPerfRecord(int Cpu, byte[] Data);
