namespace Hypermesh.Bpf.Objects.Binaries;

/// <summary>Reads a part of a file; it is only asked for what lies within.</summary>
internal delegate void ReadBytes(long offset, Span<byte> into);
