namespace Hypermesh.Bpf.Objects.Btf;

/// <summary>The contents of <c>.BTF.ext</c> for the instructions of each section: functions, C lines, CO-RE relocations.</summary>
internal sealed class BtfExtension
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

    /// <summary>True when at least one instruction depends on the running kernel's types.</summary>
    public bool HasRelocations => _relocations.Count > 0;

    /// <summary>Reads the section.</summary>
    /// <param name="blob">Its bytes.</param>
    /// <param name="fileName">The object's name, for messages.</param>
    /// <param name="types">The object's types, which contain the names.</param>
    /// <returns>The contents of the section.</returns>
    /// <exception cref="BpfObjectFormatException">A count or offset points outside the section.</exception>
    public static BtfExtension Read(ReadOnlyMemory<byte> blob, string fileName, BtfTypes types)
    {
        bool little = new FormatReader(blob, true, fileName, ".BTF.ext").U16(0) == BtfTypes.Magic;
        var file = new FormatReader(blob, little, fileName, ".BTF.ext");
        if (file.U16(0) != BtfTypes.Magic)
        {
            file.Fail(0, "the magic number is not that of BTF.ext");
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
            ReadSections(functions, types, 8, (r, at) => new BtfFunctionInfo(r.U32(at), TypeId(r, at + 4, types)), static info => info.InstructionOffset),
            ReadSections(lines, types, 16, static (r, at) => new BtfLineInfo(r.U32(at), r.U32(at + 4), r.U32(at + 8), r.U32(at + 12)), static info => info.InstructionOffset),
            ReadSections(relocations, types, 16, (r, at) => new CoreRelocation(r.U32(at), TypeId(r, at + 4, types), r.U32(at + 8), (CoreRelocationKind)r.U32(at + 12)), static relocation => relocation.InstructionOffset));
    }

    /// <summary>Returns the functions of a section, ordered by offset.</summary>
    /// <param name="sectionName">The ELF section.</param>
    /// <returns>The functions; empty when there are none.</returns>
    public IReadOnlyList<BtfFunctionInfo> FunctionsOf(string sectionName) => Of(_functions, sectionName);

    /// <summary>Returns the C lines of a section, ordered by offset.</summary>
    /// <param name="sectionName">The ELF section.</param>
    /// <returns>The lines; empty when there are none.</returns>
    public IReadOnlyList<BtfLineInfo> LinesOf(string sectionName) => Of(_lines, sectionName);

    /// <summary>Returns the CO-RE relocations of a section, ordered by offset.</summary>
    /// <param name="sectionName">The ELF section.</param>
    /// <returns>The relocations; empty when there are none.</returns>
    public IReadOnlyList<CoreRelocation> RelocationsOf(string sectionName) => Of(_relocations, sectionName);

    /// <summary>Returns the functions of a part of a section.</summary>
    internal ArraySegment<BtfFunctionInfo> FunctionsWithin(string sectionName, ulong start, ulong size)
        => OffsetRange.Within(Of(_functions, sectionName), start, size, static info => info.InstructionOffset);

    /// <summary>Returns the C lines of a part of a section.</summary>
    internal ArraySegment<BtfLineInfo> LinesWithin(string sectionName, ulong start, ulong size)
        => OffsetRange.Within(Of(_lines, sectionName), start, size, static info => info.InstructionOffset);

    /// <summary>Returns the CO-RE relocations of a part of a section.</summary>
    internal ArraySegment<CoreRelocation> RelocationsWithin(string sectionName, ulong start, ulong size)
        => OffsetRange.Within(Of(_relocations, sectionName), start, size, static relocation => relocation.InstructionOffset);

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

    // A block consists of the size of a record, then for each ELF section its name, its count and its records.
    private static Dictionary<string, T[]> ReadSections<T>(FormatReader block, BtfTypes types, int leastSize, ReadRecord<T> read, Func<T, ulong> offsetOf)
    {
        var all = new Dictionary<string, T[]>(StringComparer.Ordinal);
        if (block.Length == 0)
        {
            return all;
        }

        uint recordSize = block.U32(0);
        if (recordSize < leastSize || recordSize % 4 != 0)
        {
            block.Fail(0, $"records have {recordSize} bytes; at least {leastSize} are required");
        }

        long at = 4;
        while (at < block.Length)
        {
            string section = types.GetString(block.U32(at));
            uint count = block.U32(at + 4);
            at += 8;
            if (count > (block.Length - at) / recordSize)
            {
                block.Fail(at - 4, $"{count} records of {recordSize} bytes extend past the end");
            }

            var records = new T[count];
            for (int i = 0; i < records.Length; i++, at += recordSize)
            {
                records[i] = read(block, at);
            }

            all[section] = OffsetRange.Sorted(records, offsetOf);
        }

        return all;
    }
}

/// <summary>The start of a function, and its type.</summary>
/// <param name="InstructionOffset">In bytes from the start of its section.</param>
/// <param name="TypeId">The ID of the <see cref="BtfKind.Function"/>.</param>
internal readonly record struct BtfFunctionInfo(uint InstructionOffset, int TypeId);

/// <summary>The C line that an instruction comes from.</summary>
/// <param name="InstructionOffset">In bytes from the start of its section.</param>
/// <param name="FileNameOffset">The file, for <see cref="BtfTypes.GetString"/>.</param>
/// <param name="TextOffset">The line's text, for <see cref="BtfTypes.GetString"/>.</param>
/// <param name="LineAndColumn">The line in the upper 22 bits, the column in the lower 10.</param>
internal readonly record struct BtfLineInfo(uint InstructionOffset, uint FileNameOffset, uint TextOffset, uint LineAndColumn)
{
    /// <summary>The line, from 1.</summary>
    public int Line => (int)(LineAndColumn >> 10);

    /// <summary>The column, from 1.</summary>
    public int Column => (int)(LineAndColumn & 0x3ff);
}

/// <summary>One instruction whose operand depends on the running kernel's types (<c>struct bpf_core_relo</c>).</summary>
/// <param name="InstructionOffset">In bytes from the start of its section.</param>
/// <param name="TypeId">The ID of the type in the object.</param>
/// <param name="AccessOffset">The access string (such as <c>0:1:2</c>), for <see cref="BtfTypes.GetString"/>.</param>
/// <param name="Kind">The kind of value.</param>
internal readonly record struct CoreRelocation(uint InstructionOffset, int TypeId, uint AccessOffset, CoreRelocationKind Kind);

/// <summary>The kind of value that a CO-RE relocation takes from the running kernel's types (<c>enum bpf_core_relo_kind</c>).</summary>
internal enum CoreRelocationKind : uint
{
    /// <summary>The offset of a field, in bytes.</summary>
    FieldByteOffset = 0,

    /// <summary>The size of a field, in bytes.</summary>
    FieldByteSize = 1,

    /// <summary>Whether a field exists.</summary>
    FieldExists = 2,

    /// <summary>Whether a field is signed.</summary>
    FieldSigned = 3,

    /// <summary>The number of bits to shift a bitfield left in a 64-bit register.</summary>
    FieldLeftShift = 4,

    /// <summary>The number of bits to shift it right again.</summary>
    FieldRightShift = 5,

    /// <summary>The type's ID in the object's own BTF.</summary>
    TypeIdLocal = 6,

    /// <summary>The type's ID in the kernel's BTF.</summary>
    TypeIdTarget = 7,

    /// <summary>Whether a type exists.</summary>
    TypeExists = 8,

    /// <summary>The size of a type, in bytes.</summary>
    TypeSize = 9,

    /// <summary>Whether an enum constant exists.</summary>
    EnumValueExists = 10,

    /// <summary>The value of an enum constant.</summary>
    EnumValue = 11,

    /// <summary>Whether a type has the same shape.</summary>
    TypeMatches = 12,
}
