using System.Buffers.Binary;
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

    private readonly int[] _everyFourth;
    private readonly bool _swap;

    private BtfOffsetIndex(int[] everyFourth, int count, bool swap)
    {
        _everyFourth = everyFourth;
        _swap = swap;
        Count = count;
    }

    public int Count { get; }

    public static BtfOffsetIndex Build(FormatReader types)
    {
        bool swap = types.IsLittleEndian != BitConverter.IsLittleEndian;
        ReadOnlySpan<byte> data = types.Data.Span;
        if (data.Length % 4 != 0)
        {
            types.Fail(data.Length, "the types end within a word");
        }

        var kept = new List<int>(Math.Max(16, data.Length / (HeaderSize * 2 * Step)));
        int count = 0;
        int offset = 0;
        while (offset < data.Length)
        {
            int size = RecordSize(data, offset, swap);
            if (size <= 0 || size > data.Length - offset)
            {
                types.Fail(offset, size <= 0 ? $"kind {Info(data, offset, swap) >> 24 & 0x1f} is unknown" : "a type's record runs over the end of the types");
            }

            if (count % Step == 0)
            {
                kept.Add(offset);
            }

            count++;
            offset += size;
        }

        return new BtfOffsetIndex([.. kept], count, swap);
    }

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

    // 0 for an unknown kind; int.MaxValue where the header itself is cut.
    private static int RecordSize(ReadOnlySpan<byte> data, int offset, bool swap)
    {
        if (data.Length - offset < HeaderSize)
        {
            return int.MaxValue;
        }

        uint info = Info(data, offset, swap);
        int length = (int)(info & 0xffff);
        return (BtfKind)((info >> 24) & 0x1f) switch
        {
            BtfKind.Int or BtfKind.Variable or BtfKind.DeclarationTag => HeaderSize + 4,
            BtfKind.Array => HeaderSize + 12,
            BtfKind.Struct or BtfKind.Union or BtfKind.DataSection or BtfKind.Enum64 => HeaderSize + (12 * length),
            BtfKind.Enum or BtfKind.FunctionPrototype => HeaderSize + (8 * length),
            BtfKind.Pointer or BtfKind.Forward or BtfKind.Typedef or BtfKind.Volatile or BtfKind.Const or BtfKind.Restrict
                or BtfKind.Function or BtfKind.Float or BtfKind.TypeTag => HeaderSize,
            _ => 0,
        };
    }

    private static uint Info(ReadOnlySpan<byte> data, int offset, bool swap)
    {
        uint info = MemoryMarshal.Read<uint>(data.Slice(offset + 4));
        return swap ? BinaryPrimitives.ReverseEndianness(info) : info;
    }
}
