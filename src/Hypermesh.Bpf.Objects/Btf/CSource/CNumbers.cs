namespace Hypermesh.Bpf.Objects.Btf.CSource;

/// <summary>How integers and floating-point numbers are spelled, so that they have the stated size on the eBPF target.</summary>
internal static class CNumbers
{
    // The words a C integer may consist of, and the size each gives.
    private static readonly Dictionary<string, uint> s_words = new(StringComparer.Ordinal)
    {
        ["char"] = 1,
        ["_Bool"] = 1,
        ["short"] = 2,
        ["int"] = 4,
        ["signed"] = 4,
        ["unsigned"] = 4,
        ["long"] = 8,
        ["__int128"] = 16,
    };

    private static readonly Dictionary<uint, string> s_bySize = new()
    {
        [1] = "char",
        [2] = "short",
        [4] = "int",
        [8] = "long long",
        [16] = "__int128",
    };

    private static readonly Dictionary<uint, string> s_floats = new() { [4] = "float", [8] = "double" };

    /// <summary>The C type of an integer: its own name where C knows it and it has that size, else the one of its size.</summary>
    public static string Integer(BtfType type)
    {
        string name = type.Name;
        if (SizeOf(name) == type.Size)
        {
            return name;
        }

        if (type.IntEncoding.HasFlag(BtfIntEncoding.Bool) && type.Size == 1)
        {
            return "_Bool";
        }

        return Integer(type.Size, type.IntEncoding.HasFlag(BtfIntEncoding.Signed));
    }

    /// <summary>The integer of a size; bytes where C has none.</summary>
    public static string Integer(uint size, bool isSigned)
        => s_bySize.TryGetValue(size, out string? name) ? (isSigned ? "signed " : "unsigned ") + name : Bytes(size);

    /// <summary>The C type of a floating-point number; bytes where the target has none of its size.</summary>
    public static string Float(BtfType type) => s_floats.TryGetValue(type.Size, out string? name) ? name : Bytes(type.Size);

    /// <summary>The alignment of such a type on the eBPF target.</summary>
    public static int Alignment(uint size, bool isFloat) => (isFloat ? s_floats : s_bySize).ContainsKey(size) ? (int)size : 1;

    private static string Bytes(uint size) => $"struct {{ unsigned char bytes[{size}]; }}";

    // 0 for what is no C integer.
    private static uint SizeOf(string name)
    {
        uint size = 0;
        foreach (string word in name.Split(' '))
        {
            if (!s_words.TryGetValue(word, out uint own))
            {
                return 0;
            }

            // "long int" is long, "short int" short, "unsigned char" a char.
            size = size is 0 or 4 ? own : size;
        }

        return size;
    }
}
