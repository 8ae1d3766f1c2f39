namespace Hypermesh.Bpf.Objects.Binaries;

/// <summary>Reads a part of a file; it is only asked for what lies within.</summary>
internal delegate ReadOnlyMemory<byte> ReadBytes(long offset, int length);
