using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Hypermesh.Bpf.Objects.Errors;

namespace Hypermesh.Bpf.Objects.Btf;

/// <summary>
/// The types and strings of one BTF blob (of an object, of the kernel, or of a module on top of the kernel), read in place.
/// Types are found through a sparse index of offsets, names through a hash index that is built on first use.
/// Safe for concurrent readers.
/// </summary>
public sealed class BtfTypes
{
    internal const ushort Magic = 0xeb9f;

    /// <summary>The size of a pointer in bytes, in eBPF objects and in 64-bit kernels.</summary>
    internal const int PointerSize = 8;

    private const int MaximumChain = 64;

    private readonly FormatReader _typeSection;
    private readonly FormatReader _strings;
    private readonly BtfTypes? _base;
    private readonly BtfOffsetIndex _offsets;
    private readonly bool _swap;
    private BtfNameIndex? _names;

    private BtfTypes(FormatReader types, FormatReader strings, BtfTypes? @base)
    {
        _typeSection = types;
        _strings = strings;
        _base = @base;
        _swap = types.IsLittleEndian != BitConverter.IsLittleEndian;
        FirstId = @base?.Count ?? 1;
        FirstString = @base is null ? 0 : @base.FirstString + (uint)@base._strings.Length;
        _offsets = BtfOffsetIndex.Build(types);
        Count = checked(FirstId + _offsets.Count);
    }

    /// <summary>One more than the highest type ID; IDs begin at 0 (<c>void</c>).</summary>
    public int Count { get; }

    /// <summary>The lowest ID of this blob's own types: 1, or for split BTF the base's <see cref="Count"/>.</summary>
    public int FirstId { get; }

    internal bool IsLittleEndian => _typeSection.IsLittleEndian;

    internal uint FirstString { get; }

    internal BtfTypes? Base => _base;

    /// <summary>The name of the blob's origin, for messages.</summary>
    public string Source => _typeSection.FileName;

    /// <summary>Gets the type with an ID.</summary>
    /// <param name="id">From 0 (<c>void</c>) to <see cref="Count"/> - 1.</param>
    public BtfType this[int id]
    {
        get
        {
            if ((uint)id >= (uint)Count)
            {
                throw new ArgumentOutOfRangeException(nameof(id), id, $"{Source} has {Count} types");
            }

            if (id == 0)
            {
                return new BtfType(this, 0, 0);
            }

            return id < FirstId ? _base![id] : new BtfType(this, id, _offsets.OffsetOf(_typeSection, id - FirstId));
        }
    }

    /// <summary>Reads a blob as in <c>.BTF</c> or <c>/sys/kernel/btf</c>.</summary>
    /// <param name="blob">The bytes; they are kept and must not change.</param>
    /// <param name="source">A name for messages.</param>
    /// <param name="base">The kernel's types, when the blob is a module's.</param>
    /// <returns>The types.</returns>
    /// <exception cref="BpfObjectFormatException">A count or offset points outside the blob, or a kind is unknown.</exception>
    public static BtfTypes Read(ReadOnlyMemory<byte> blob, string source, BtfTypes? @base = null)
    {
        var file = new FormatReader(blob, true, source, ".BTF");
        if (!IsBtf(blob.Span))
        {
            file.Fail(0, FileKind.Instead(blob.Span, "not BTF"));
        }

        file = new FormatReader(blob, BinaryPrimitives.ReadUInt16LittleEndian(blob.Span) == Magic, source, ".BTF");
        uint headerLength = file.U32(4);
        if (headerLength < 24)
        {
            file.Fail(4, $"a header of {headerLength} bytes is too short");
        }

        FormatReader types = file.Part((long)headerLength + file.U32(8), file.U32(12));
        FormatReader strings = file.Part((long)headerLength + file.U32(16), file.U32(20));
        if (@base is null && (strings.Length == 0 || strings.U8(0) != 0))
        {
            file.Fail(16, "the string section does not begin with the empty string");
        }

        return new BtfTypes(types, strings, @base);
    }

    // Accepts both byte orders.
    internal static bool IsBtf(ReadOnlySpan<byte> blob)
        => blob.Length >= sizeof(ushort) && (BinaryPrimitives.ReadUInt16LittleEndian(blob) == Magic || BinaryPrimitives.ReadUInt16BigEndian(blob) == Magic);

    /// <summary>
    /// Reads a file that is a blob, or an ELF file that has one in its section <c>.BTF</c>: an object, a module, a kernel (vmlinux). A module may carry the kernel types
    /// that it was built against (<c>.BTF.base</c>, 6.11); it is read on those, or relocated to <paramref name="base"/>.
    /// </summary>
    /// <param name="file">The bytes; they are kept and must not change.</param>
    /// <param name="source">A name for messages.</param>
    /// <param name="base">The kernel's types, when the file is a module's.</param>
    /// <returns>The types.</returns>
    /// <exception cref="BpfObjectFormatException">The file has no types, they are damaged, or the kernel lacks a type that the module was built against.</exception>
    public static BtfTypes ReadFile(ReadOnlyMemory<byte> file, string source, BtfTypes? @base = null) => BtfFile.Read(file, source, @base);

    /// <summary>Returns the string at an offset. Allocates.</summary>
    /// <param name="offset">The offset from a type, member or line.</param>
    /// <returns>The string; empty for offset 0.</returns>
    public string GetString(uint offset) => offset == 0 ? "" : FormatReader.Utf8(GetStringBytes(offset));

    /// <summary>Returns the string at an offset as UTF-8, in place.</summary>
    /// <param name="offset">The offset from a type, member or line.</param>
    /// <returns>The bytes without the final NUL.</returns>
    public ReadOnlySpan<byte> GetStringBytes(uint offset)
        => offset < FirstString ? _base!.GetStringBytes(offset) : _strings.StringBytes(offset - FirstString);

    /// <summary>Finds the first type with a name and kind, in this blob before its base.</summary>
    /// <param name="name">The whole name.</param>
    /// <param name="kind">The kind.</param>
    /// <returns>Its ID, or 0 when there is none.</returns>
    public int Find(string name, BtfKind kind) => Find(System.Text.Encoding.UTF8.GetBytes(name), kind);

    /// <summary>Finds the first type with a name and kind, in this blob before its base.</summary>
    /// <param name="utf8Name">The whole name.</param>
    /// <param name="kind">The kind.</param>
    /// <returns>Its ID, or 0 when there is none.</returns>
    public int Find(ReadOnlySpan<byte> utf8Name, BtfKind kind)
        => FindOwn(utf8Name, kind) is > 0 and int id ? id : _base?.Find(utf8Name, kind) ?? 0;

    /// <summary>Finds the first type with a name and kind in this blob alone, without its base.</summary>
    /// <param name="utf8Name">The whole name.</param>
    /// <param name="kind">The kind.</param>
    /// <returns>Its ID, or 0 when there is none.</returns>
    internal int FindOwn(ReadOnlySpan<byte> utf8Name, BtfKind kind)
    {
        foreach (int id in Names.Bucket(utf8Name))
        {
            BtfType type = this[id];
            if (type.Kind == kind && type.NameBytes.SequenceEqual(utf8Name))
            {
                return id;
            }
        }

        return 0;
    }

    /// <summary>
    /// Finds this blob's own types (not the base's) whose name is <paramref name="essentialName"/>, alone or with a flavour
    /// (<c>task_struct___old</c> has the essential name <c>task_struct</c>). The caller compares kinds.
    /// </summary>
    /// <param name="essentialName">A name without flavour.</param>
    /// <param name="ids">Receives the IDs, in ascending order.</param>
    internal void FindEssential(ReadOnlySpan<byte> essentialName, ICollection<int> ids)
    {
        foreach (int id in Names.Bucket(essentialName))
        {
            if (BtfName.Essential(this[id].NameBytes).SequenceEqual(essentialName))
            {
                ids.Add(id);
            }
        }
    }

    /// <summary>Follows typedefs, <c>const</c>, <c>volatile</c>, <c>restrict</c> and type tags to the type itself.</summary>
    /// <param name="id">A type.</param>
    /// <returns>The ID of the type behind the modifiers.</returns>
    /// <exception cref="BpfObjectFormatException">The modifiers form a cycle.</exception>
    public int SkipModifiers(int id)
    {
        for (int step = 0; step < MaximumChain; step++)
        {
            BtfType type = this[id];
            if (!type.IsModifier)
            {
                return id;
            }

            id = type.TypeId;
        }

        _typeSection.Fail(null, $"type {id} is a chain of more than {MaximumChain} modifiers");
        return 0;
    }

    /// <summary>Returns the size of a type in memory.</summary>
    /// <param name="id">A type.</param>
    /// <returns>The size in bytes; 0 for <c>void</c>, functions and flexible arrays.</returns>
    /// <exception cref="BpfObjectFormatException">The type is only declared, or contains itself.</exception>
    public long SizeOf(int id)
    {
        long count = 1;
        for (int step = 0; step < MaximumChain; step++)
        {
            BtfType type = this[id];
            switch (type.Kind)
            {
                case BtfKind.Int or BtfKind.Struct or BtfKind.Union or BtfKind.Enum or BtfKind.Enum64 or BtfKind.Float or BtfKind.DataSection:
                    return Multiply(count, type.Size, id);
                case BtfKind.Pointer:
                    return Multiply(count, PointerSize, id);
                case BtfKind.Array:
                    BtfArray array = type.Array;
                    count = Multiply(count, array.Count, id);
                    id = array.ElementTypeId;
                    break;
                case BtfKind.Void or BtfKind.Function or BtfKind.FunctionPrototype:
                    return 0;
                case BtfKind.Forward:
                    _typeSection.Fail(null, $"type {id} ({type.Name}) is only declared: it has no size");
                    return 0;
                default:
                    id = type.TypeId;
                    break;
            }
        }

        _typeSection.Fail(null, $"type {id} is nested more than {MaximumChain} deep");
        return 0;
    }

    /// <summary>
    /// Rejects types whose names together are many times as long as the types. Names may share their ends and be used any number of times, so a file of a few
    /// hundred kilobytes could have gigabytes of names. Call it for files that are not trusted.
    /// </summary>
    /// <exception cref="BpfObjectFormatException">The names are too long, or one of them is outside the string section.</exception>
    internal void CheckNames()
    {
        const long LeastBudget = 64 * 1024;
        const int TimesTheTypes = 16;
        long left = LeastBudget + ((_typeSection.Length + _strings.Length) * TimesTheTypes);
        for (int id = FirstId; id < Count; id++)
        {
            BtfType type = this[id];
            Spend(type.NameOffset);
            for (int i = 0; i < type.Length; i++)
            {
                switch (type.Kind)
                {
                    case BtfKind.Struct or BtfKind.Union:
                        Spend(type.Member(i).NameOffset);
                        break;
                    case BtfKind.Enum or BtfKind.Enum64:
                        Spend(type.EnumValue(i).NameOffset);
                        break;
                    case BtfKind.FunctionPrototype:
                        Spend(type.Parameter(i).NameOffset);
                        break;
                    default:
                        i = type.Length;
                        break;
                }
            }
        }

        void Spend(uint name)
        {
            left -= name == 0 ? 0 : GetStringBytes(name).Length;
            if (left < 0)
            {
                _typeSection.Fail(null, $"the names of the types overlap: together they are more than {TimesTheTypes} times as long as the types");
            }
        }
    }

    internal BtfNameIndex Names
    {
        get
        {
            BtfNameIndex? names = Volatile.Read(ref _names);
            if (names is null)
            {
                names = BtfNameIndex.Build(this);
                Volatile.Write(ref _names, names);
            }

            return names;
        }
    }

    internal ReadOnlyMemory<byte> Types => _typeSection.Data;

    internal ReadOnlyMemory<byte> Strings => _strings.Data;

    internal uint TypeWord(long offset)
    {
        ReadOnlySpan<byte> types = _typeSection.Data.Span;
        if (offset < 0 || offset > types.Length - 4L)
        {
            _typeSection.Fail(offset, "the record of a type extends past the end of the types");
        }

        uint word = MemoryMarshal.Read<uint>(types.Slice((int)offset));
        return _swap ? BinaryPrimitives.ReverseEndianness(word) : word;
    }

    internal int CheckId(uint id, long offset)
    {
        if (id >= (uint)Count)
        {
            _typeSection.Fail(offset, $"type {id} does not exist; there are {Count}");
        }

        return (int)id;
    }

    private long Multiply(long count, uint by, int id)
    {
        // A count above 2^40 is not a real array; stop before the arithmetic overflows.
        if (by != 0 && count > (1L << 40) / by)
        {
            _typeSection.Fail(null, $"type {id} is larger than 1 TiB");
        }

        return count * by;
    }
}
