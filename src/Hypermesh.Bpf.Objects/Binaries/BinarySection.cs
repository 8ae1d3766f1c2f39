namespace Hypermesh.Bpf.Objects.Binaries;

/// <summary>A section of a program or library, as its header says.</summary>
internal readonly record struct BinarySection(string Name, uint Type, ulong Address, ulong Offset, ulong Size, uint Link)
{
    internal const uint SymbolTable = 2;
    internal const uint Note = 7;
    internal const uint NoBits = 8;
    internal const uint DynamicSymbols = 11;
    internal const uint VersionDefinitions = 0x6ffffffd;
    internal const uint Versions = 0x6fffffff;
}
