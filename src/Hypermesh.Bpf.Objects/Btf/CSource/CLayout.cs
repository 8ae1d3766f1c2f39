namespace Hypermesh.Bpf.Objects.Btf.CSource;

/// <summary>
/// Computes the layout that clang gives the written C on the eBPF target. BTF has offsets but no alignments, so this layout decides whether a struct must be
/// packed and where it needs padding.
/// </summary>
internal sealed class CLayout(BtfTypes types)
{
    private const int DeepestNesting = 64;

    private readonly Dictionary<int, (int Alignment, bool IsPacked)> _known = [];
    private int _depth;

    /// <summary>Returns the alignment of a type as it is written, in bytes.</summary>
    public int AlignmentOf(int id)
    {
        for (int step = 0; step < DeepestNesting; step++)
        {
            BtfType type = types[id];
            switch (type.Kind)
            {
                case BtfKind.Struct or BtfKind.Union:
                    return Of(type).Alignment;
                case BtfKind.Int or BtfKind.Float or BtfKind.Enum or BtfKind.Enum64:
                    return CNumbers.Alignment(type.Size, type.Kind == BtfKind.Float);
                case BtfKind.Pointer:
                    return BtfTypes.PointerSize;
                case BtfKind.Array:
                    id = type.Array.ElementTypeId;
                    break;
                case BtfKind.Typedef or BtfKind.Const or BtfKind.Volatile or BtfKind.Restrict or BtfKind.TypeTag:
                    id = type.TypeId;
                    break;
                default:
                    return 1;
            }
        }

        return 1;
    }

    /// <summary>Returns true when the members have their offsets only with <c>packed</c>.</summary>
    public bool IsPacked(BtfType composite) => Of(composite).IsPacked;

    /// <summary>Returns the bit offset that the compiler gives a member when the previous one ends at <paramref name="bit"/>.</summary>
    public long Place(BtfMember member, long bit, bool isPacked)
    {
        if (member.BitfieldSize == 0)
        {
            return RoundUp(bit, isPacked ? 8 : AlignmentOf(member.TypeId) * 8L);
        }

        // A bitfield that would cross its unit begins in the next.
        long unit = types.SizeOf(member.TypeId) * 8;
        return isPacked || Fits(bit, member.BitfieldSize, unit) ? bit : RoundUp(bit, unit);
    }

    public static long RoundUp(long value, long to) => to <= 1 ? value : (value + to - 1) / to * to;

    private static bool Fits(long bit, uint width, long unit) => unit == 0 || (bit % unit) + width <= unit;

    private (int Alignment, bool IsPacked) Of(BtfType composite)
    {
        if (_known.TryGetValue(composite.Id, out (int, bool) known))
        {
            return known;
        }

        if (++_depth > DeepestNesting)
        {
            throw new BpfObjectFormatException(types.Source, ".BTF", null, $"type {composite.Id} is nested more than {DeepestNesting} deep, or contains itself");
        }

        int alignment = 1;
        bool isPacked = false;
        for (int i = 0; i < composite.Length; i++)
        {
            BtfMember member = composite.Member(i);
            int own = AlignmentOf(member.TypeId);
            isPacked |= member.BitfieldSize == 0
                ? member.BitOffset % (own * 8L) != 0
                : !Fits(member.BitOffset, member.BitfieldSize, types.SizeOf(member.TypeId) * 8);

            // Unnamed bitfields do not affect alignment.
            alignment = member.BitfieldSize != 0 && member.NameOffset == 0 ? alignment : Math.Max(alignment, own);
        }

        _depth--;
        isPacked |= composite.Size % (uint)alignment != 0;
        return _known[composite.Id] = (isPacked ? 1 : alignment, isPacked);
    }
}
