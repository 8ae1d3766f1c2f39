namespace Hypermesh.Bpf.Objects.Btf.CSource;

/// <summary>Writes integer and floating-point types so that they have the size of their BTF on the eBPF target.</summary>
internal static class CNumbers
{
    // The names that clang and gcc use. An integer with any other name (a name of two types, or one that is not C) is written by its size.
    private static readonly Dictionary<string, uint> s_names = new(StringComparer.Ordinal)
    {
        ["char"] = 1,
        ["signed char"] = 1,
        ["unsigned char"] = 1,
        ["_Bool"] = 1,
        ["short"] = 2,
        ["short int"] = 2,
        ["unsigned short"] = 2,
        ["short unsigned int"] = 2,
        ["int"] = 4,
        ["unsigned int"] = 4,
        ["long"] = 8,
        ["long int"] = 8,
        ["unsigned long"] = 8,
        ["long unsigned int"] = 8,
        ["long long"] = 8,
        ["long long int"] = 8,
        ["unsigned long long"] = 8,
        ["long long unsigned int"] = 8,
        ["__int128"] = 16,
        ["unsigned __int128"] = 16,
        ["__int128 unsigned"] = 16,
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

    /// <summary>Returns the C type of an integer: its own name where C has this type with this size, else the type of its size.</summary>
    public static string Integer(BtfType type)
    {
        string name = type.Name;
        bool isSigned = type.IntEncoding.HasFlag(BtfIntEncoding.Signed);

        // The sign of char depends on the machine, and _Bool has none.
        if (s_names.TryGetValue(name, out uint size) && size == type.Size && (name is "char" or "_Bool" || isSigned != name.Contains("unsigned")))
        {
            return name;
        }

        if (type.IntEncoding.HasFlag(BtfIntEncoding.Bool) && type.Size == 1)
        {
            return "_Bool";
        }

        return Integer(type.Size, isSigned);
    }

    /// <summary>Returns the integer type of a size; an array of bytes where C has none.</summary>
    public static string Integer(uint size, bool isSigned)
        => s_bySize.TryGetValue(size, out string? name) ? (isSigned ? "signed " : "unsigned ") + name : Bytes(size);

    /// <summary>Returns the C type of a floating-point number; an array of bytes where the target has no type of its size.</summary>
    public static string Float(BtfType type) => s_floats.TryGetValue(type.Size, out string? name) ? name : Bytes(type.Size);

    /// <summary>Returns the alignment of an integer or floating-point type on the eBPF target.</summary>
    public static int Alignment(uint size, bool isFloat) => (isFloat ? s_floats : s_bySize).ContainsKey(size) ? (int)size : 1;

    private static string Bytes(uint size) => $"struct {{ unsigned char bytes[{size}]; }}";
}
