using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Hypermesh.Bpf.Objects.Btf;

/// <summary>
/// The offset of each type's record. Only every fourth offset is kept (126 KiB instead of 500 KiB for a kernel of 126,000 types);
/// the up to three records between are walked. Building the index also checks that every record is within the blob.
/// </summary>
/// <remarks>
/// The walks go over words and by index. The framework's methods that read numbers from bytes are not inlined into code that was compiled ahead of time, and
/// the just-in-time compiler takes longer for them than the walk takes.
/// </remarks>
internal sealed class BtfOffsetIndex
{
    private const int Step = 4;
    private const int HeaderWords = 3;

    // The usual size of four kernel records. An array that is a little too long costs less than a second walk.
    private const int UsualWords = 25;

    private readonly int[] _everyFourth;
    private readonly bool _swap;

    private BtfOffsetIndex(int[] everyFourth, int count, bool swap)
    {
        _everyFourth = everyFourth;
        _swap = swap;
        Count = count;
    }

    public int Count { get; }

    /// <summary>The sizes of each kind in words: the record without its entries in the lower four bits, one entry in the upper four. An unknown kind has size 0.</summary>
    public static ReadOnlySpan<byte> Shapes =>
    [
        0, 4, 3, 6, 0x33, 0x33, 0x23, 3, 3, 3, 3, 3, 3, 0x23, 4, 0x33,
        3, 4, 3, 0x33, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ];

    public static BtfOffsetIndex Build(FormatReader types)
    {
        bool swap = types.IsLittleEndian != BitConverter.IsLittleEndian;
        if (types.Length % sizeof(uint) != 0)
        {
            types.Fail(types.Length, "the size of the types is not a multiple of 4");
        }

        ReadOnlySpan<uint> words = MemoryMarshal.Cast<byte, uint>(types.Data.Span);
        ReadOnlySpan<byte> shapes = Shapes;
        var kept = new int[(words.Length / UsualWords) + 1];
        int count = 0;
        for (int at = 0; at < words.Length; count++)
        {
            if (count % Step == 0)
            {
                if (count / Step == kept.Length)
                {
                    Array.Resize(ref kept, kept.Length * 2);
                }

                kept[count / Step] = at;
            }

            int size = RecordWords(words, at, shapes, swap);
            if (size == 0 || size > words.Length - at)
            {
                types.Fail(at * (long)sizeof(uint), size == 0 ? $"type kind {(Word(words, at + 1, swap) >> 24) & 0x1f} is unknown" : "the record of a type extends past the end of the types");
            }

            at += size;
        }

        return new BtfOffsetIndex(kept, count, swap);
    }

    public int OffsetOf(FormatReader types, int index)
    {
        int at = _everyFourth[index / Step];
        int left = index % Step;
        if (left > 0)
        {
            ReadOnlySpan<uint> words = MemoryMarshal.Cast<byte, uint>(types.Data.Span);
            ReadOnlySpan<byte> shapes = Shapes;
            for (; left > 0; left--)
            {
                at += RecordWords(words, at, shapes, _swap);
            }
        }

        return at * sizeof(uint);
    }

    /// <summary>Returns the size of a record, in words: 0 for an unknown kind, <see cref="int.MaxValue"/> where its header runs over the end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int RecordWords(ReadOnlySpan<uint> words, int at, ReadOnlySpan<byte> shapes, bool swap)
    {
        if (words.Length - at < HeaderWords)
        {
            return int.MaxValue;
        }

        uint info = Word(words, at + 1, swap);
        int shape = shapes[(int)((info >> 24) & 0x1f)];
        return (shape & 0xf) + ((shape >> 4) * (int)(info & 0xffff));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Word(ReadOnlySpan<uint> words, int at, bool swap) => swap ? BinaryPrimitives.ReverseEndianness(words[at]) : words[at];
}
