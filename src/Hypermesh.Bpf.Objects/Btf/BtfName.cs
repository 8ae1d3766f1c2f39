namespace Hypermesh.Bpf.Objects.Btf;

/// <summary>The rule of names in CO-RE: what follows three underscores is a flavour and does not count.</summary>
internal static class BtfName
{
    private static ReadOnlySpan<byte> Separator => "___"u8;

    /// <summary>
    /// The name without its flavour. As libbpf defines it, the separator has a character other than '_' before and after it.
    /// </summary>
    public static ReadOnlySpan<byte> Essential(ReadOnlySpan<byte> name)
    {
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

    /// <summary>FNV-1a over the bytes.</summary>
    public static uint Hash(ReadOnlySpan<byte> name)
    {
        uint hash = 2166136261;
        foreach (byte b in name)
        {
            hash = (hash ^ b) * 16777619;
        }

        return hash ^ (hash >> 15);
    }
}
