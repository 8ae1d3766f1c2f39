namespace Hypermesh.Bpf;

/// <summary>What came of trying a program.</summary>
/// <param name="ReturnValue">What it returned the last time.</param>
/// <param name="Duration">The mean time of a run; zero for kinds the kernel does not time.</param>
/// <param name="Data">The packet as it left it; empty for runs without one and for live frames.</param>
public readonly record struct BpfTestRunResult(uint ReturnValue, TimeSpan Duration, ReadOnlyMemory<byte> Data);
