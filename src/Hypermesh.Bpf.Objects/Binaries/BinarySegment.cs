namespace Hypermesh.Bpf.Objects.Binaries;

/// <summary>A part of a program or library that is loaded into memory (<c>PT_LOAD</c>).</summary>
internal readonly record struct BinarySegment(ulong Address, ulong Size, ulong FileOffset, bool IsExecutable)
{
    internal bool Holds(ulong address) => address >= Address && address - Address < Size;
}
