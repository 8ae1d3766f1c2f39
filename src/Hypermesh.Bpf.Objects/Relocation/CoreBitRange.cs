using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Objects.Relocation;

/// <summary>Bits of a struct, and the aligned unit of 1, 2, 4 or 8 bytes whose load contains them.</summary>
/// <param name="BitOffset">The first bit, from the start of the struct.</param>
/// <param name="BitSize">How many bits.</param>
/// <param name="ByteOffset">Where the unit begins.</param>
/// <param name="ByteSize">How large the unit is.</param>
internal readonly record struct CoreBitRange(long BitOffset, long BitSize, long ByteOffset, long ByteSize)
{
    public static CoreBitRange OfWhole(long bitOffset, long byteSize) => new(bitOffset, byteSize * 8, bitOffset / 8, byteSize);

    /// <summary>Begins with the unit of the bitfield's type and doubles it until the bits fit.</summary>
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

    /// <summary>By how much the loaded unit is shifted left, so that the field's top bit becomes bit 63.</summary>
    public long LeftShift(bool isLittleEndian) => isLittleEndian
        ? 64 - (BitOffset + BitSize - (ByteOffset * 8))
        : ((8 - ByteSize) * 8) + (BitOffset - (ByteOffset * 8));

    /// <summary>By how much it is then shifted right, so that only the field is left.</summary>
    public long RightShift => 64 - BitSize;
}
