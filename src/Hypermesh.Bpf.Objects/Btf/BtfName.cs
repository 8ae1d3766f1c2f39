using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Hypermesh.Bpf.Objects.Btf;

/// <summary>The rule of names in CO-RE: what follows three underscores is a flavour and does not count.</summary>
internal static class BtfName
{
    private const int Window = sizeof(ulong);
    private const ulong Ones = 0x0101010101010101;
    private const ulong Highs = 0x8080808080808080;
    private const ulong Underscores = Ones * '_';

    private static ReadOnlySpan<byte> Separator => "___"u8;

    /// <summary>
    /// The name without its flavour. As libbpf defines it, the separator has a character other than '_' before and after it.
    /// </summary>
    public static ReadOnlySpan<byte> Essential(ReadOnlySpan<byte> name)
    {
        // Hardly any name has one; this answers for the 100,000 others at once.
        if (name.IndexOf(Separator) < 0)
        {
            return name;
        }

        for (int i = name.Length - 5; i >= 0; i--)
        {
            ReadOnlySpan<byte> window = name.Slice(i, 5);
            if (window[0] != '_' && window[4] != '_' && window.Slice(1, 3).SequenceEqual(Separator))
            {
                return name.Slice(0, i + 1);
            }
        }

        return name;
    }

    /// <summary>A hash for tables in memory, of the first sixteen bytes of an essential name; it differs between byte orders.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Hash(ReadOnlySpan<byte> essential)
    {
        Span<byte> padded = stackalloc byte[2 * Window];
        padded.Clear();
        essential.Slice(0, Math.Min(essential.Length, padded.Length)).CopyTo(padded);
        return Mix(MemoryMarshal.Read<ulong>(padded), MemoryMarshal.Read<ulong>(padded.Slice(Window)));
    }

    /// <summary>
    /// The same for the name at <paramref name="place"/> of the strings, which are given by eight bytes: 16 bytes are read without looking for the name's end, and what
    /// follows the NUL is blanked. Where a flavour may begin in them, or they are not there, the answer is false and the long way must be taken.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryHash(ReadOnlySpan<ulong> windows, uint place, out uint hash)
    {
        int window = (int)(place / Window);
        if (window >= windows.Length - 2 || !BitConverter.IsLittleEndian)
        {
            hash = 0;
            return false;
        }

        int shift = (int)(place % Window) * 8;
        ulong middle = windows[window + 1];
        ulong first = Join(windows[window], middle, shift);
        ulong second = 0;
        ulong ends = (first - Ones) & ~first & Highs;
        bool isPlain;
        if (ends != 0)
        {
            first = Before(first, ends);
            isPlain = !HasSeparator(first);
        }
        else
        {
            ulong last = windows[window + 2];
            second = Join(middle, last, shift);
            ends = (second - Ones) & ~second & Highs;
            second = ends != 0 ? Before(second, ends) : second;

            // A separator may lie across the two, or across the end of the second.
            isPlain = !HasSeparator(first) && !HasSeparator(second) && !(EndsOpen(first) && (byte)second == '_') && !(ends == 0 && EndsOpen(second) && (byte)(last >> shift) == '_');
        }

        hash = Mix(first, second);
        return isPlain;
    }

    // Eight bytes that lie across two windows. In two steps, since a shift by 64 is none.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Join(ulong low, ulong high, int shift) => (low >> shift) | ((high << 1) << (63 - shift));

    // The bytes before the first NUL: the lowest set bit is that byte's highest.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Before(ulong bytes, ulong ends) => bytes & (((ends & (~ends + 1)) >> 7) - 1);

    // Three underscores one after the other, or what may be some.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool HasSeparator(ulong bytes)
    {
        ulong others = bytes ^ Underscores;
        ulong found = (others - Ones) & ~others & Highs;
        return (found & (found >> 8) & (found >> 16)) != 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool EndsOpen(ulong bytes) => (byte)(bytes >> 56) == '_';

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Mix(ulong first, ulong second)
    {
        const ulong Multiplier = 0x9e3779b97f4a7c15;
        ulong hash = (first ^ (second * Multiplier)) * Multiplier;
        hash ^= hash >> 32;
        hash *= Multiplier;
        return (uint)(hash >> 32);
    }
}
