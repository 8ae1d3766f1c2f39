using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Hypermesh.Bpf.Objects.Btf;

/// <summary>Implements the name rule of CO-RE: the part after three underscores is a flavour and is not compared.</summary>
internal static class BtfName
{
    private const int Window = sizeof(ulong);
    private const ulong Ones = 0x0101010101010101;
    private const ulong Highs = 0x8080808080808080;
    private const ulong Underscores = Ones * '_';

    private static ReadOnlySpan<byte> Separator => "___"u8;

    /// <summary>
    /// Returns the name without its flavour. As in libbpf, the separator has a character other than '_' before and after it.
    /// </summary>
    public static ReadOnlySpan<byte> Essential(ReadOnlySpan<byte> name)
    {
        // Hardly any of the 100,000 names has a flavour; this fast test is enough for the others.
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

    /// <summary>Returns a hash of the first 16 bytes of an essential name, for tables in memory; it depends on the byte order of the machine.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Hash(ReadOnlySpan<byte> essential)
    {
        Span<byte> padded = stackalloc byte[2 * Window];
        padded.Clear();
        essential.Slice(0, Math.Min(essential.Length, padded.Length)).CopyTo(padded);
        return Mix(MemoryMarshal.Read<ulong>(padded), MemoryMarshal.Read<ulong>(padded.Slice(Window)));
    }

    /// <summary>
    /// Computes the same hash for the name at <paramref name="place"/> of the strings, which are given as words of eight bytes. It reads 16 bytes without a search for the
    /// end of the name, and clears the bytes after the NUL. Returns false where a flavour may begin in these bytes or where they run over the end; then the caller
    /// must use <see cref="Hash"/>.
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

            // A separator may cross the border between the two, or the end of the second.
            isPlain = !HasSeparator(first) && !HasSeparator(second) && !(EndsOpen(first) && (byte)second == '_') && !(ends == 0 && EndsOpen(second) && (byte)(last >> shift) == '_');
        }

        hash = Mix(first, second);
        return isPlain;
    }

    // Eight bytes that cross two windows. The shift has two steps because C# treats a shift by 64 as a shift by 0.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Join(ulong low, ulong high, int shift) => (low >> shift) | ((high << 1) << (63 - shift));

    // The bytes before the first NUL: the lowest set bit is the highest bit of that NUL.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Before(ulong bytes, ulong ends) => bytes & (((ends & (~ends + 1)) >> 7) - 1);

    // True for three consecutive underscores; false positives are possible.
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
