using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Hypermesh.Bpf.Objects.Btf;

/// <summary>
/// Where each type's record begins. Only every fourth offset is kept (126 KiB instead of 500 for a kernel of 126,000 types);
/// the up to three records between are walked. Building it also proves that every record lies within the blob.
/// </summary>
internal sealed class BtfOffsetIndex
{
    private const int Step = 4;
    private const int HeaderSize = 12;

    // What four records of a kernel take: an array that is a little too long costs less than a second walk.
    private const int UsualStep = 100;

    /// <summary><c>MethodImplOptions.AggressiveOptimization</c>, which netstandard2.0 does not name.</summary>
    internal const MethodImplOptions Optimized = (MethodImplOptions)512;

    private readonly int[] _everyFourth;
    private readonly bool _swap;

    private BtfOffsetIndex(int[] everyFourth, int count, bool swap)
    {
        _everyFourth = everyFourth;
        _swap = swap;
        Count = count;
    }

    public int Count { get; }

    // By the five bits of the kind: the record without its entries, and one entry. An unknown kind has no size.
    private static ReadOnlySpan<byte> FixedSizes =>
        [0, 16, 12, 24, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 16, 12, 12, 16, 12, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    private static ReadOnlySpan<byte> EntrySizes =>
        [0, 0, 0, 0, 12, 12, 8, 0, 0, 0, 0, 0, 0, 8, 0, 12, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    // Fully optimised at once: it runs once over every record of the kernel, long before tiering would help.
    [MethodImpl(Optimized)]
    public static BtfOffsetIndex Build(FormatReader types)
    {
        bool swap = types.IsLittleEndian != BitConverter.IsLittleEndian;
        ReadOnlySpan<byte> data = types.Data.Span;
        if (data.Length % 4 != 0)
        {
            types.Fail(data.Length, "the types end within a word");
        }

        var kept = new int[(data.Length / UsualStep) + 1];
        int count = 0;
        for (int offset = 0; offset < data.Length; count++)
        {
            if (count % Step == 0)
            {
                if (count / Step == kept.Length)
                {
                    Array.Resize(ref kept, kept.Length * 2);
                }

                kept[count / Step] = offset;
            }

            int size = RecordSize(data, offset, swap);
            if (size <= 0 || size > data.Length - offset)
            {
                types.Fail(offset, size <= 0 ? $"kind {(Info(data, offset, swap) >> 24) & 0x1f} is unknown" : "a type's record runs over the end of the types");
            }

            offset += size;
        }

        return new BtfOffsetIndex(kept, count, swap);
    }

    [MethodImpl(Optimized)]
    public int OffsetOf(FormatReader types, int index)
    {
        ReadOnlySpan<byte> data = types.Data.Span;
        int offset = _everyFourth[index / Step];
        for (int i = index % Step; i > 0; i--)
        {
            offset += RecordSize(data, offset, _swap);
        }

        return offset;
    }

    /// <summary>The size of the record there: 0 for an unknown kind, <see cref="int.MaxValue"/> where the header itself is cut.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int RecordSize(ReadOnlySpan<byte> data, int offset, bool swap)
    {
        if (data.Length - offset < HeaderSize)
        {
            return int.MaxValue;
        }

        uint info = Info(data, offset, swap);
        int kind = (int)((info >> 24) & 0x1f);
        return FixedSizes[kind] + (EntrySizes[kind] * (int)(info & 0xffff));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Info(ReadOnlySpan<byte> data, int offset, bool swap)
    {
        uint info = MemoryMarshal.Read<uint>(data.Slice(offset + 4));
        return swap ? BinaryPrimitives.ReverseEndianness(info) : info;
    }
}
