using Hypermesh.BpfSdk.Generators.Helpers;
using Hypermesh.BpfSdk.Generators.Model;

namespace Hypermesh.BpfSdk.Generators.Parsing;

/// <summary>
/// Chooses the hidden fields that hold a bitfield's bits: the smallest aligned unit that covers them and lies within the
/// struct; single bytes where none does, as in packed structs and of more than 64 bits.
/// </summary>
internal static class BitfieldPlacement
{
    private const int MostBytes = 16;

    private static readonly int[] s_units = [1, 2, 4, 8];

    /// <exception cref="UnsupportedTypeException">The bits spread over seventeen bytes.</exception>
    public static BitfieldModel Place(long bitOffset, uint width, int structSize, bool isSigned, bool isBoolean)
    {
        int firstByte = (int)(bitOffset / 8);
        int lastByte = (int)((bitOffset + width - 1) / 8);
        foreach (int unit in s_units)
        {
            int start = firstByte / unit * unit;
            if (lastByte < start + unit && start + unit <= structSize)
            {
                return new BitfieldModel(
                    new EquatableArray<FieldLayout>([Storage(start, unit)]),
                    (int)bitOffset - (start * 8),
                    (int)width,
                    isSigned,
                    isBoolean);
            }
        }

        if (lastByte - firstByte >= MostBytes)
        {
            throw new UnsupportedTypeException("its bits are spread over seventeen bytes.");
        }

        IEnumerable<FieldLayout> bytes = Enumerable.Range(firstByte, lastByte - firstByte + 1).Select(offset => Storage(offset, 1));
        return new BitfieldModel(bytes.ToEquatableArray(), (int)bitOffset - (firstByte * 8), (int)width, isSigned, isBoolean);
    }

    private static FieldLayout Storage(int offset, int size) => new($"_bits{offset}_{size}", offset, size);
}
