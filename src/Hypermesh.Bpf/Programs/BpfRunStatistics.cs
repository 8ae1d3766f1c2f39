namespace Hypermesh.Bpf;

/// <summary>How often a program ran, and how often it did not: the part of <see cref="BpfProgramInfo"/> that moves.</summary>
/// <param name="RunTimeNs">Nanoseconds it ran while <see cref="BpfStatistics"/> were on (5.1).</param>
/// <param name="RunCount">How often it ran while <see cref="BpfStatistics"/> were on (5.1).</param>
/// <param name="RecursionMisses">How often the kernel skipped it because it was running already on that CPU (5.12; 0 before). Always counted.</param>
public readonly record struct BpfRunStatistics(ulong RunTimeNs, ulong RunCount, ulong RecursionMisses);
