using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Objects.Metrics;

/// <summary>An integer within a key, a value or a data section.</summary>
/// <param name="Offset">Its offset in bytes.</param>
/// <param name="Size">Its size: 1, 2, 4 or 8 bytes.</param>
/// <param name="IsSigned">True for a signed integer.</param>
/// <param name="IsNetworkOrder">True for <c>__be16</c>, <c>__be32</c> and <c>__be64</c>.</param>
internal readonly record struct MetricInteger(int Offset, int Size, bool IsSigned, bool IsNetworkOrder)
{
    private const int BitsOfByte = 8;
    private const int MostModifiers = 64;

    /// <summary>Reads the integer from the bytes that contain it, extended to 64 bits.</summary>
    public ulong Read(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> own = bytes.Slice(Offset, Size);
        ulong value = 0;
        for (int i = 0; i < own.Length; i++)
        {
            value = (value << BitsOfByte) | own[IsNetworkOrder ? i : own.Length - 1 - i];
        }

        int unused = (sizeof(ulong) - Size) * BitsOfByte;
        return IsSigned ? (ulong)((long)(value << unused) >> unused) : value;
    }

    /// <summary>Converts what was read: a value that is too large for a <see cref="long"/> is the largest one.</summary>
    public long ToLong(ulong value) => !IsSigned && value > long.MaxValue ? long.MaxValue : (long)value;

    /// <summary>Returns the integer of a type; null for every other type, and for an integer of another width.</summary>
    public static MetricInteger? Of(BtfTypes types, int typeId, int offset)
    {
        BtfType type = types[types.SkipModifiers(typeId)];
        return type is { Kind: BtfKind.Int, Size: 1 or 2 or 4 or 8, IntBitOffset: 0 } && type.IntBits == type.Size * BitsOfByte && (type.IntEncoding & BtfIntEncoding.Bool) == 0
            ? new MetricInteger(offset, (int)type.Size, (type.IntEncoding & BtfIntEncoding.Signed) != 0, IsOfNetwork(types, typeId))
            : null;
    }

    private static bool IsOfNetwork(BtfTypes types, int typeId)
    {
        BtfType type = types[typeId];
        for (int step = 0; step < MostModifiers && type.IsModifier; step++)
        {
            if (type.Kind == BtfKind.Typedef && type.Name is "__be16" or "__be32" or "__be64")
            {
                return true;
            }

            type = types[type.TypeId];
        }

        return false;
    }
}
