using System.Buffers.Binary;
using Hypermesh.Bpf.Objects.Elf;
using Hypermesh.Bpf.Objects.NameMatching;

namespace Hypermesh.Bpf.Objects.Executables;

/// <summary>Finds functions of a program or library: first in its exported symbols, then in all symbols if the file was not stripped.</summary>
internal static class BinarySymbols
{
    private const int SymbolSize = 24;
    private const int Function = 2;
    private const int Weak = 2;
    private const int HiddenVersion = 0x8000;

    // A stripped library has only the first table, a static program only the second.
    private static readonly ElfSectionType[] s_tables = [ElfSectionHeader.DynamicSymbols, ElfSectionType.SymbolTable];

    /// <summary>Finds the offset of one function in the file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="name">The function; <c>name@VERSION</c> or <c>name@@VERSION</c> for one version of it.</param>
    /// <returns>The offset, or null when there is no function with that name.</returns>
    /// <exception cref="BpfException">There are several functions with that name, and none has precedence.</exception>
    internal static ulong? Find(BinaryFile file, string name)
    {
        (string plain, string? version) = SplitVersion(name);
        foreach (ElfSectionType table in s_tables)
        {
            BinarySymbol? found = null;
            var versions = new SymbolVersions(file);
            foreach (BinarySymbol symbol in All(file, table))
            {
                if (symbol.Name != plain || !versions.Accept(symbol, version) || found?.FileOffset == symbol.FileOffset)
                {
                    continue;
                }

                if (found is { IsWeak: false } && !symbol.IsWeak)
                {
                    throw new BpfException(
                        $"{file.Path} has several functions {name} (at file offsets 0x{found.Value.FileOffset:x} and 0x{symbol.FileOffset:x}): attach by offset, or give a version (name@VERSION).",
                        file.Path, name);
                }

                found = found is null || !symbol.IsWeak ? symbol : found;
            }

            if (found is { FileOffset: > 0 } function)
            {
                return function.FileOffset;
            }
        }

        return null;
    }

    /// <summary>Returns the offsets of all functions whose name matches a pattern, each once.</summary>
    internal static IReadOnlyList<ulong> Matching(BinaryFile file, string pattern)
    {
        foreach (ElfSectionType table in s_tables)
        {
            List<ulong> offsets = [.. All(file, table).Where(symbol => GlobPattern.Matches(pattern, symbol.Name)).Select(static symbol => symbol.FileOffset).Distinct()];
            if (offsets.Count > 0)
            {
                return offsets;
            }
        }

        return [];
    }

    /// <summary>Returns all functions of both tables; one that is in both twice.</summary>
    internal static IEnumerable<BinarySymbol> Functions(BinaryFile file) => s_tables.SelectMany(table => All(file, table));

    /// <summary>Returns the names most similar to one that does not exist.</summary>
    internal static IReadOnlyList<string> Near(BinaryFile file, string name)
    {
        var near = new NearNames(SplitVersion(name).Name);
        foreach (BinarySymbol symbol in s_tables.SelectMany(table => All(file, table)))
        {
            near.See(symbol.Name);
        }

        return near.Best;
    }

    private static (string Name, string? Version) SplitVersion(string name)
    {
        int at = name.IndexOf('@');
        return at < 0 ? (name, null) : (name.Substring(0, at), name.Substring(at + 1).TrimStart('@'));
    }

    private static IEnumerable<BinarySymbol> All(BinaryFile file, ElfSectionType tableType)
    {
        if (file.Find(tableType) is not { } table)
        {
            yield break;
        }

        if (table.Link >= (uint)file.Sections.Count)
        {
            BpfObjectFormatException.Throw(file.Path, table.Name, null, $"it names section {table.Link} as its string table, but the file has only {file.Sections.Count} sections");
        }

        ElfWindow symbols = file.Window(table);
        ElfWindow names = file.Window(file.Sections[(int)table.Link]);
        ElfWindow? versions = tableType == ElfSectionHeader.DynamicSymbols && file.Find(ElfSectionHeader.Versions) is { } section ? file.Window(section) : null;
        long count = symbols.Length / SymbolSize;
        for (long i = 0; i < count; i++)
        {
            if (Read(symbols.From(i * SymbolSize).Slice(0, SymbolSize), file.IsLittleEndian) is { } entry && entry.Section < file.Sections.Count)
            {
                int version = versions is not null && (i * 2) + 2 <= versions.Length ? U16(versions.From(i * 2), file.IsLittleEndian) : 0;
                ElfSectionHeader code = file.Sections[entry.Section];
                yield return new BinarySymbol(
                    names.String(entry.Name), entry.Value - code.Address + code.Offset, entry.IsWeak, version & ~HiddenVersion, (version & HiddenVersion) != 0) { Size = entry.Size };
            }
        }
    }

    // Null for a symbol that is not a function, or is defined in another file.
    private static (uint Name, int Section, ulong Value, ulong Size, bool IsWeak)? Read(ReadOnlySpan<byte> symbol, bool isLittleEndian)
    {
        int section = U16(symbol.Slice(6), isLittleEndian);
        if ((symbol[4] & 0xf) != Function || section == 0)
        {
            return null;
        }

        uint name = isLittleEndian ? BinaryPrimitives.ReadUInt32LittleEndian(symbol) : BinaryPrimitives.ReadUInt32BigEndian(symbol);
        ReadOnlySpan<byte> value = symbol.Slice(8);
        return (name, section, U64(value, isLittleEndian), U64(value.Slice(sizeof(ulong)), isLittleEndian), symbol[4] >> 4 == Weak);
    }

    private static ulong U64(ReadOnlySpan<byte> at, bool isLittleEndian) => isLittleEndian ? BinaryPrimitives.ReadUInt64LittleEndian(at) : BinaryPrimitives.ReadUInt64BigEndian(at);

    private static int U16(ReadOnlySpan<byte> at, bool isLittleEndian) => isLittleEndian ? BinaryPrimitives.ReadUInt16LittleEndian(at) : BinaryPrimitives.ReadUInt16BigEndian(at);
}

/// <summary>The versions that a library defines for its functions (<c>.gnu.version_d</c>).</summary>
internal sealed class SymbolVersions
{
    private readonly Dictionary<int, string> _names = [];

    internal SymbolVersions(BinaryFile file)
    {
        if (file.Find(ElfSectionHeader.VersionDefinitions) is not { } section || section.Link >= (uint)file.Sections.Count)
        {
            return;
        }

        FormatReader definitions = file.Contents(section);
        ElfWindow strings = file.Window(file.Sections[(int)section.Link]);
        long at = 0;
        while (true)
        {
            _names[definitions.U16(at + 4)] = strings.String(definitions.U32(at + definitions.U32(at + 12)));
            uint next = definitions.U32(at + 16);
            if (next == 0)
            {
                return;
            }

            at += next;
        }
    }

    /// <summary>Returns true for a function of the given version; without one, for a function of the default version, which new callers get.</summary>
    internal bool Accept(BinarySymbol symbol, string? version)
        => version is null
            ? !symbol.IsHiddenVersion
            : _names.TryGetValue(symbol.Version, out string? name) && name == version;
}
