namespace Hypermesh.Bpf;

/// <summary>Looks at a record where it lies in the ring buffer. It is valid within the call only; the ring waits meanwhile, so be short.</summary>
/// <param name="record">The record's bytes, without the kernel's header.</param>
public delegate void BpfRecordHandler(ReadOnlySpan<byte> record);
