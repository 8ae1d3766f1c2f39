using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Objects.Relocation;

/// <summary>One property of a field, by the object's or the kernel's types.</summary>
/// <param name="Value">The value of the property.</param>
/// <param name="LoadSize">For offsets: the number of bytes that a load of the field (for arrays, of an element) reads; else 0.</param>
/// <param name="TypeId">The ID of the field's type, which decides together with <paramref name="LoadSize"/> whether the width of a load may change.</param>
/// <param name="IsCertain">False when compilers may differ (parts of bitfields), so the value in the instruction cannot be checked.</param>
internal readonly record struct CoreFieldValue(ulong Value, long LoadSize = 0, int TypeId = 0, bool IsCertain = true)
{
    public static CoreFieldValue Of(CoreSubject subject, CoreSpec spec)
    {
        if (subject.Relocation.Kind == CoreRelocationKind.FieldExists)
        {
            return new CoreFieldValue(1);
        }

        return spec.Last.IsElement ? OfElement(subject, spec) : OfMember(subject, spec);
    }

    private static CoreFieldValue OfElement(CoreSubject subject, CoreSpec spec)
    {
        int id = spec.Last.TypeId;
        return subject.Relocation.Kind switch
        {
            CoreRelocationKind.FieldByteOffset => new CoreFieldValue((ulong)(spec.BitOffset / 8), LoadSizeOf(spec.Types, id), id),
            CoreRelocationKind.FieldByteSize => new CoreFieldValue((ulong)spec.Types.SizeOf(id)),
            _ => throw subject.Malformed("this kind of relocation is not defined for an element of an array"),
        };
    }

    private static CoreFieldValue OfMember(CoreSubject subject, CoreSpec spec)
    {
        BtfTypes types = spec.Types;
        BtfMember member = types[spec.Last.TypeId].Member(spec.Last.Index);
        BtfType type = types[types.SkipModifiers(member.TypeId)];
        bool isBitfield = member.BitfieldSize > 0;
        CoreBitRange bits = isBitfield
            ? CoreBitRange.OfBitfield(subject, type, spec.BitOffset, member.BitfieldSize)
            : CoreBitRange.OfWhole(spec.BitOffset, Measure(subject, types, type.Id));
        return subject.Relocation.Kind switch
        {
            CoreRelocationKind.FieldByteOffset when isBitfield => new CoreFieldValue((ulong)bits.ByteOffset, IsCertain: false),
            CoreRelocationKind.FieldByteOffset => new CoreFieldValue((ulong)bits.ByteOffset, LoadSizeOf(types, type.Id), type.Id),
            CoreRelocationKind.FieldByteSize => new CoreFieldValue((ulong)bits.ByteSize, IsCertain: !isBitfield),
            CoreRelocationKind.FieldSigned => new CoreFieldValue(IsSigned(type) ? 1UL : 0),
            CoreRelocationKind.FieldLeftShift => new CoreFieldValue((ulong)bits.LeftShift(types.IsLittleEndian), IsCertain: !isBitfield),
            _ => new CoreFieldValue((ulong)bits.RightShift),
        };
    }

    private static bool IsSigned(BtfType type)
        => type.IsEnum ? type.KindFlag : type.Kind == BtfKind.Int && (type.IntEncoding & BtfIntEncoding.Signed) != 0;

    private static long LoadSizeOf(BtfTypes types, int id) => types.SizeOf(CoreSize.Innermost(types, id).Id);

    private static long Measure(CoreSubject subject, BtfTypes types, int id)
        => CoreSize.HasSize(types, id) ? types.SizeOf(id) : throw subject.Unfit($"type {id} of {types.Source} has no size");
}

/// <summary>Bits of a struct, and the aligned unit of 1, 2, 4 or 8 bytes whose load contains them.</summary>
/// <param name="BitOffset">The first bit, from the start of the struct.</param>
/// <param name="BitSize">The number of bits.</param>
/// <param name="ByteOffset">The offset of the unit, in bytes.</param>
/// <param name="ByteSize">The size of the unit, in bytes.</param>
internal readonly record struct CoreBitRange(long BitOffset, long BitSize, long ByteOffset, long ByteSize)
{
    public static CoreBitRange OfWhole(long bitOffset, long byteSize) => new(bitOffset, byteSize * 8, bitOffset / 8, byteSize);

    /// <summary>Returns the bits of a bitfield. The unit begins with the size of the bitfield's type and doubles until the bits fit.</summary>
    public static CoreBitRange OfBitfield(CoreSubject subject, BtfType type, long bitOffset, uint bitSize)
    {
        long size = type.Kind == BtfKind.Int || type.IsEnum ? type.Size : 0;
        for (; size is 1 or 2 or 4 or 8; size *= 2)
        {
            long offset = bitOffset / 8 / size * size;
            if (bitOffset + bitSize <= (offset + size) * 8)
            {
                return new CoreBitRange(bitOffset, bitSize, offset, size);
            }
        }

        throw subject.Unfit("no load of up to 8 bytes contains the bitfield");
    }

    /// <summary>Returns the number of bits by which to shift the loaded unit left, so that the field's top bit becomes bit 63.</summary>
    public long LeftShift(bool isLittleEndian) => isLittleEndian
        ? 64 - (BitOffset + BitSize - (ByteOffset * 8))
        : ((8 - ByteSize) * 8) + (BitOffset - (ByteOffset * 8));

    /// <summary>The number of bits by which to shift it right afterwards, so that only the field is left.</summary>
    public long RightShift => 64 - BitSize;
}

/// <summary>Decides which types CO-RE can measure: those with a size in memory, and arrays of them.</summary>
internal static class CoreSize
{
    public static bool HasSize(BtfTypes types, int id) => Innermost(types, id) is { } inner
        && inner.Kind is not (BtfKind.Void or BtfKind.Forward or BtfKind.Function or BtfKind.FunctionPrototype);

    /// <summary>Returns the element type of an array with any number of dimensions; the type itself if it is not an array.</summary>
    public static BtfType Innermost(BtfTypes types, int id)
    {
        BtfType type = types[types.SkipModifiers(id)];
        for (int depth = 0; type.Kind == BtfKind.Array && depth < CoreSpec.MaximumSteps; depth++)
        {
            type = types[types.SkipModifiers(type.Array.ElementTypeId)];
        }

        return type;
    }
}
