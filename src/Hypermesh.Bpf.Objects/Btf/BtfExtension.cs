namespace Hypermesh.Bpf.Objects.Btf;

/// <summary>What <c>.BTF.ext</c> says about the instructions of each section: functions, C lines, CO-RE relocations.</summary>
public sealed class BtfExtension
{
    private readonly Dictionary<string, BtfFunctionInfo[]> _functions;
    private readonly Dictionary<string, BtfLineInfo[]> _lines;
    private readonly Dictionary<string, CoreRelocation[]> _relocations;

    private BtfExtension(
        Dictionary<string, BtfFunctionInfo[]> functions,
        Dictionary<string, BtfLineInfo[]> lines,
        Dictionary<string, CoreRelocation[]> relocations)
    {
        _functions = functions;
        _lines = lines;
        _relocations = relocations;
    }

    private delegate T ReadRecord<T>(FormatReader reader, long at);

    /// <summary>True when any instruction depends on the running kernel's types.</summary>
    public bool HasRelocations => _relocations.Count > 0;

    /// <summary>Reads the section.</summary>
    /// <param name="blob">Its bytes.</param>
    /// <param name="fileName">The object's name, for messages.</param>
    /// <param name="types">The object's types, which hold the names.</param>
    /// <returns>What the section says.</returns>
    /// <exception cref="BpfObjectFormatException">A count or offset points outside.</exception>
    public static BtfExtension Read(ReadOnlyMemory<byte> blob, string fileName, BtfTypes types)
    {
        bool little = new FormatReader(blob, true, fileName, ".BTF.ext").U16(0) == BtfTypes.Magic;
        var file = new FormatReader(blob, little, fileName, ".BTF.ext");
        if (file.U16(0) != BtfTypes.Magic)
        {
            file.Fail(0, "this is not what BTF.ext begins with");
        }

        uint headerLength = file.U32(4);
        if (headerLength < 24)
        {
            file.Fail(4, $"a header of {headerLength} bytes is too short");
        }

        FormatReader functions = file.Part((long)headerLength + file.U32(8), file.U32(12));
        FormatReader lines = file.Part((long)headerLength + file.U32(16), file.U32(20));
        FormatReader relocations = headerLength >= 32 ? file.Part((long)headerLength + file.U32(24), file.U32(28)) : file.Part(0, 0);
        return new BtfExtension(
            ReadSections(functions, types, 8, (r, at) => new BtfFunctionInfo(r.U32(at), TypeId(r, at + 4, types))),
            ReadSections(lines, types, 16, static (r, at) => new BtfLineInfo(r.U32(at), r.U32(at + 4), r.U32(at + 8), r.U32(at + 12))),
            ReadSections(relocations, types, 16, (r, at) => new CoreRelocation(r.U32(at), TypeId(r, at + 4, types), r.U32(at + 8), (CoreRelocationKind)r.U32(at + 12))));
    }

    /// <summary>The functions of a section, by offset.</summary>
    /// <param name="sectionName">The ELF section.</param>
    /// <returns>The functions; empty when nothing is said.</returns>
    public IReadOnlyList<BtfFunctionInfo> FunctionsOf(string sectionName) => Of(_functions, sectionName);

    /// <summary>The C lines of a section, by offset.</summary>
    /// <param name="sectionName">The ELF section.</param>
    /// <returns>The lines; empty when nothing is said.</returns>
    public IReadOnlyList<BtfLineInfo> LinesOf(string sectionName) => Of(_lines, sectionName);

    /// <summary>The CO-RE relocations of a section, by offset.</summary>
    /// <param name="sectionName">The ELF section.</param>
    /// <returns>The relocations; empty when nothing is said.</returns>
    public IReadOnlyList<CoreRelocation> RelocationsOf(string sectionName) => Of(_relocations, sectionName);

    private static T[] Of<T>(Dictionary<string, T[]> all, string sectionName) => all.TryGetValue(sectionName, out T[]? list) ? list : [];

    private static int TypeId(FormatReader reader, long at, BtfTypes types)
    {
        uint id = reader.U32(at);
        if (id >= (uint)types.Count)
        {
            reader.Fail(at, $"type {id} does not exist; there are {types.Count}");
        }

        return (int)id;
    }

    // A block is: the size of a record, then for each ELF section its name, its count and its records.
    private static Dictionary<string, T[]> ReadSections<T>(FormatReader block, BtfTypes types, int leastSize, ReadRecord<T> read)
    {
        var all = new Dictionary<string, T[]>(StringComparer.Ordinal);
        if (block.Length == 0)
        {
            return all;
        }

        uint recordSize = block.U32(0);
        if (recordSize < leastSize || recordSize % 4 != 0)
        {
            block.Fail(0, $"records of {recordSize} bytes; at least {leastSize} are defined");
        }

        long at = 4;
        while (at < block.Length)
        {
            string section = types.GetString(block.U32(at));
            uint count = block.U32(at + 4);
            at += 8;
            if (count > (block.Length - at) / recordSize)
            {
                block.Fail(at - 4, $"{count} records of {recordSize} bytes run over the end");
            }

            var records = new T[count];
            for (int i = 0; i < records.Length; i++, at += recordSize)
            {
                records[i] = read(block, at);
            }

            all[section] = records;
        }

        return all;
    }
}
