namespace Hypermesh.Bpf;

/// <summary>Looks at a record where it lies in a CPU's buffer. It is valid within the call only; the buffer waits meanwhile, so be short.</summary>
/// <param name="cpu">The CPU the program ran on.</param>
/// <param name="record">The record's bytes; the kernel may have padded it by up to 7 zeros.</param>
public delegate void BpfPerfRecordHandler(int cpu, ReadOnlySpan<byte> record);
