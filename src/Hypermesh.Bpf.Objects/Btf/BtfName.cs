using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Hypermesh.Bpf.Objects.Btf;

/// <summary>The rule of names in CO-RE: what follows three underscores is a flavour and does not count.</summary>
internal static class BtfName
{
    private static ReadOnlySpan<byte> Separator => "___"u8;

    /// <summary>
    /// The name without its flavour. As libbpf defines it, the separator has a character other than '_' before and after it.
    /// </summary>
    [MethodImpl(BtfOffsetIndex.Optimized)]
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

    /// <summary>A hash for tables in memory: eight bytes at a time, multiplied and folded. It differs between byte orders.</summary>
    [MethodImpl(BtfOffsetIndex.Optimized)]
    public static uint Hash(ReadOnlySpan<byte> name)
    {
        const ulong Multiplier = 0x9e3779b97f4a7c15;
        ulong hash = (ulong)name.Length;
        while (name.Length >= sizeof(ulong))
        {
            hash = (hash ^ MemoryMarshal.Read<ulong>(name)) * Multiplier;
            hash ^= hash >> 32;
            name = name.Slice(sizeof(ulong));
        }

        ulong tail = 0;
        foreach (byte b in name)
        {
            tail = (tail << 8) | b;
        }

        hash = (hash ^ tail) * Multiplier;
        return (uint)(hash >> 32) ^ (uint)hash;
    }
}
