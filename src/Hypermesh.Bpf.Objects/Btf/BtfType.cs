using System.Diagnostics;

namespace Hypermesh.Bpf.Objects.Btf;

/// <summary>A view of one type inside <see cref="BtfTypes"/>; nothing is copied until it is read.</summary>
[DebuggerDisplay("[{Id}] {Kind} {Name}")]
public readonly struct BtfType
{
    private const int HeaderSize = 12;

    private readonly BtfTypes _types;
    private readonly long _offset;

    internal BtfType(BtfTypes types, int id, long offset)
    {
        _types = types;
        _offset = offset;
        Id = id;
    }

    /// <summary>The ID of the type.</summary>
    public int Id { get; }

    /// <summary>The kind of the type.</summary>
    public BtfKind Kind => Id == 0 ? BtfKind.Void : (BtfKind)((Info >> 24) & 0x1f);

    /// <summary>The offset of its name, for <see cref="BtfTypes.GetStringBytes"/>.</summary>
    public uint NameOffset => Id == 0 ? 0 : _types.TypeWord(_offset);

    /// <summary>Its name; empty when it has none. Allocates.</summary>
    public string Name => _types.GetString(NameOffset);

    /// <summary>Its name as UTF-8, in place.</summary>
    public ReadOnlySpan<byte> NameBytes => _types.GetStringBytes(NameOffset);

    /// <summary>The number of members, constants, parameters or variables.</summary>
    public int Length => (int)(Info & 0xffff);

    /// <summary>The kind flag: set for a struct or union with bitfields, a signed enum, and the forward declaration of a union.</summary>
    public bool KindFlag => (Info >> 31) != 0;

    /// <summary>The size in bytes, for the kinds that state one.</summary>
    public uint Size => _types.TypeWord(_offset + 8);

    /// <summary>Returns one word of its record.</summary>
    internal uint Word(int index) => _types.TypeWord(_offset + (index * sizeof(uint)));

    /// <summary>The ID of the type referred to, for the kinds that refer to one.</summary>
    public int TypeId => _types.CheckId(_types.TypeWord(_offset + 8), _offset + 8);

    /// <summary>True for the kinds that only qualify or rename another type.</summary>
    public bool IsModifier => Kind is BtfKind.Typedef or BtfKind.Const or BtfKind.Volatile or BtfKind.Restrict or BtfKind.TypeTag;

    /// <summary>True for a struct or union.</summary>
    public bool IsComposite => Kind is BtfKind.Struct or BtfKind.Union;

    /// <summary>True for an enum of any size.</summary>
    public bool IsEnum => Kind is BtfKind.Enum or BtfKind.Enum64;

    /// <summary>The encoding of an integer: signed, character or <c>_Bool</c>.</summary>
    public BtfIntEncoding IntEncoding => (BtfIntEncoding)((_types.TypeWord(_offset + HeaderSize) >> 24) & 0xf);

    /// <summary>The offset of an integer within its storage, in bits.</summary>
    public int IntBitOffset => (int)((_types.TypeWord(_offset + HeaderSize) >> 16) & 0xff);

    /// <summary>The width of an integer, in bits.</summary>
    public int IntBits => (int)(_types.TypeWord(_offset + HeaderSize) & 0xff);

    /// <summary>The parts of an array.</summary>
    public BtfArray Array => new(
        _types.CheckId(_types.TypeWord(_offset + HeaderSize), _offset + HeaderSize),
        _types.CheckId(_types.TypeWord(_offset + HeaderSize + 4), _offset + HeaderSize + 4),
        _types.TypeWord(_offset + HeaderSize + 8));

    /// <summary>The linkage of a function or variable: 0 static, 1 global, 2 extern.</summary>
    public int Linkage => Kind == BtfKind.Variable ? (int)_types.TypeWord(_offset + HeaderSize) : Length;

    /// <summary>The index of the member or parameter that a declaration tag applies to, -1 for the whole declaration.</summary>
    public int DeclarationTagComponent => (int)_types.TypeWord(_offset + HeaderSize);

    internal long Offset => _offset;

    private uint Info => Id == 0 ? 0 : _types.TypeWord(_offset + 4);

    /// <summary>Returns a member of a struct or union.</summary>
    /// <param name="index">From 0 to <see cref="Length"/> - 1.</param>
    /// <returns>The member.</returns>
    public BtfMember Member(int index)
    {
        long at = Entry(index, 12);
        uint offset = _types.TypeWord(at + 8);
        return new BtfMember(
            _types.TypeWord(at),
            _types.CheckId(_types.TypeWord(at + 4), at + 4),
            KindFlag ? offset & 0xffffff : offset,
            KindFlag ? offset >> 24 : 0);
    }

    /// <summary>Returns a constant of an enum.</summary>
    /// <param name="index">From 0 to <see cref="Length"/> - 1.</param>
    /// <returns>The constant.</returns>
    public BtfEnumValue EnumValue(int index)
    {
        if (Kind == BtfKind.Enum64)
        {
            long wide = Entry(index, 12);
            return new BtfEnumValue(_types.TypeWord(wide), _types.TypeWord(wide + 4) | ((ulong)_types.TypeWord(wide + 8) << 32));
        }

        long at = Entry(index, 8);
        uint value = _types.TypeWord(at + 4);
        return new BtfEnumValue(_types.TypeWord(at), KindFlag ? (ulong)(int)value : value);
    }

    /// <summary>Returns a parameter of a function prototype.</summary>
    /// <param name="index">From 0 to <see cref="Length"/> - 1.</param>
    /// <returns>The parameter.</returns>
    public BtfParameter Parameter(int index)
    {
        long at = Entry(index, 8);
        return new BtfParameter(_types.TypeWord(at), _types.CheckId(_types.TypeWord(at + 4), at + 4));
    }

    /// <summary>Returns a variable of a data section.</summary>
    /// <param name="index">From 0 to <see cref="Length"/> - 1.</param>
    /// <returns>The variable.</returns>
    public BtfSectionVariable SectionVariable(int index)
    {
        long at = Entry(index, 12);
        return new BtfSectionVariable(_types.CheckId(_types.TypeWord(at), at), _types.TypeWord(at + 4), _types.TypeWord(at + 8));
    }

    private long Entry(int index, int size)
    {
        if ((uint)index >= (uint)Length)
        {
            throw new ArgumentOutOfRangeException(nameof(index), index, $"type {Id} has {Length} entries");
        }

        return _offset + HeaderSize + ((long)index * size);
    }
}

/// <summary>The kind of a BTF type (<c>BTF_KIND_*</c>).</summary>
public enum BtfKind : byte
{
    /// <summary>No type: ID 0.</summary>
    Void = 0,

    /// <summary>An integer, character or <c>_Bool</c>.</summary>
    Int = 1,

    /// <summary>A pointer.</summary>
    Pointer = 2,

    /// <summary>An array with a fixed number of elements.</summary>
    Array = 3,

    /// <summary>A <c>struct</c>.</summary>
    Struct = 4,

    /// <summary>A <c>union</c>.</summary>
    Union = 5,

    /// <summary>An <c>enum</c> of up to 32 bits.</summary>
    Enum = 6,

    /// <summary>A <c>struct</c> or <c>union</c> that is only declared.</summary>
    Forward = 7,

    /// <summary>A <c>typedef</c>.</summary>
    Typedef = 8,

    /// <summary><c>volatile</c>.</summary>
    Volatile = 9,

    /// <summary><c>const</c>.</summary>
    Const = 10,

    /// <summary><c>restrict</c>.</summary>
    Restrict = 11,

    /// <summary>A function.</summary>
    Function = 12,

    /// <summary>A function's parameters and result.</summary>
    FunctionPrototype = 13,

    /// <summary>A global variable.</summary>
    Variable = 14,

    /// <summary>The variables of one ELF section.</summary>
    DataSection = 15,

    /// <summary>A floating-point number.</summary>
    Float = 16,

    /// <summary><c>btf_decl_tag</c> on a declaration.</summary>
    DeclarationTag = 17,

    /// <summary><c>btf_type_tag</c> on a pointer.</summary>
    TypeTag = 18,

    /// <summary>An <c>enum</c> of 64 bits.</summary>
    Enum64 = 19,
}

/// <summary>The encoding of an integer (<c>BTF_INT_*</c>).</summary>
[Flags]
public enum BtfIntEncoding : byte
{
    /// <summary>An unsigned number.</summary>
    None = 0,

    /// <summary>A signed number.</summary>
    Signed = 1,

    /// <summary>A character.</summary>
    Char = 2,

    /// <summary>A <c>_Bool</c>.</summary>
    Bool = 4,
}

/// <summary>A member of a struct or union.</summary>
/// <param name="NameOffset">The offset of its name, for <see cref="BtfTypes.GetString"/>; empty for anonymous members.</param>
/// <param name="TypeId">The ID of its type.</param>
/// <param name="BitOffset">Its offset, in bits from the start of the struct.</param>
/// <param name="BitfieldSize">Its width in bits when it is a bitfield, else 0.</param>
public readonly record struct BtfMember(uint NameOffset, int TypeId, uint BitOffset, uint BitfieldSize);

/// <summary>A parameter of a function prototype.</summary>
/// <param name="NameOffset">The offset of its name, for <see cref="BtfTypes.GetString"/>; often empty.</param>
/// <param name="TypeId">The ID of its type; 0 as the last parameter means <c>...</c>.</param>
public readonly record struct BtfParameter(uint NameOffset, int TypeId);

/// <summary>One constant of an enum.</summary>
/// <param name="NameOffset">The offset of its name, for <see cref="BtfTypes.GetString"/>.</param>
/// <param name="Value">Its value, sign-extended to 64 bits when the enum is signed.</param>
public readonly record struct BtfEnumValue(uint NameOffset, ulong Value);

/// <summary>The parts of an array type.</summary>
/// <param name="ElementTypeId">The ID of the type of its elements.</param>
/// <param name="IndexTypeId">The ID of the type of its index.</param>
/// <param name="Count">The number of elements; 0 for a flexible array.</param>
public readonly record struct BtfArray(int ElementTypeId, int IndexTypeId, uint Count);

/// <summary>A variable's place in its section.</summary>
/// <param name="TypeId">The ID of the <see cref="BtfKind.Variable"/> (or, for kernel functions, <see cref="BtfKind.Function"/>).</param>
/// <param name="Offset">Its offset in bytes; compilers leave 0, and the loader takes the offset from the symbol table.</param>
/// <param name="Size">Its size in bytes.</param>
public readonly record struct BtfSectionVariable(int TypeId, uint Offset, uint Size);
