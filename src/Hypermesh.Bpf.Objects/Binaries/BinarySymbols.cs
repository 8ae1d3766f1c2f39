using Hypermesh.Bpf.Objects.Symbols;

namespace Hypermesh.Bpf.Objects.Binaries;

/// <summary>Finds functions of a program or library: in the symbols it exports first, then in all it has, where it was not stripped.</summary>
internal static class BinarySymbols
{
    private const int SymbolSize = 24;
    private const int Function = 2;
    private const int Weak = 2;
    private const int HiddenVersion = 0x8000;

    // A stripped library has only the first, a static program only the second.
    private static readonly uint[] s_tables = [BinarySection.DynamicSymbols, BinarySection.SymbolTable];

    /// <summary>The place of one function in the file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="name">The function; <c>name@VERSION</c> or <c>name@@VERSION</c> for one version of it.</param>
    /// <returns>The offset, or null where there is none of that name.</returns>
    /// <exception cref="BpfException">There are several functions of that name, none of them the one meant.</exception>
    internal static ulong? Find(BinaryFile file, string name)
    {
        (string plain, string? version) = SplitVersion(name);
        foreach (uint table in s_tables)
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
                        $"{file.Path} has several functions {name} (at file offsets 0x{found.Value.FileOffset:x} and 0x{symbol.FileOffset:x}): attach by offset, or name a version (name@VERSION).",
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

    /// <summary>The places of all functions whose name fits a pattern, each once.</summary>
    internal static IReadOnlyList<ulong> Matching(BinaryFile file, string pattern)
    {
        foreach (uint table in s_tables)
        {
            List<ulong> offsets = [.. All(file, table).Where(symbol => GlobPattern.Matches(pattern, symbol.Name)).Select(static symbol => symbol.FileOffset).Distinct()];
            if (offsets.Count > 0)
            {
                return offsets;
            }
        }

        return [];
    }

    /// <summary>The names nearest to one that is not there.</summary>
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

    private static IEnumerable<BinarySymbol> All(BinaryFile file, uint tableType)
    {
        if (file.Find(tableType) is not { } table)
        {
            yield break;
        }

        if (table.Link >= (uint)file.Sections.Count)
        {
            BpfObjectFormatException.Throw(file.Path, table.Name, null, $"its names are said to be in section {table.Link} of {file.Sections.Count}");
        }

        FormatReader symbols = file.Contents(table);
        FormatReader names = file.Contents(file.Sections[(int)table.Link]);
        FormatReader? versions = tableType == BinarySection.DynamicSymbols && file.Find(BinarySection.Versions) is { } section ? file.Contents(section) : null;
        long count = symbols.Length / SymbolSize;
        for (long i = 0; i < count; i++)
        {
            long at = i * SymbolSize;
            int info = symbols.U8(at + 4);
            int home = symbols.U16(at + 6);
            if ((info & 0xf) != Function || home == 0 || home >= file.Sections.Count)
            {
                continue;
            }

            int version = versions is { } numbers && (i * 2) + 2 <= numbers.Length ? numbers.U16(i * 2) : 0;
            BinarySection code = file.Sections[home];
            yield return new BinarySymbol(
                names.String(symbols.U32(at)), symbols.U64(at + 8) - code.Address + code.Offset, info >> 4 == Weak, version & ~HiddenVersion, (version & HiddenVersion) != 0);
        }
    }
}
