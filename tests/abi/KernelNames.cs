namespace Hypermesh.Bpf.AbiGenerator;

/// <summary>How the kernel's names become C#'s.</summary>
public static class KernelNames
{
    // Abbreviations of commands written out; everything else keeps its letters.
    private static readonly Dictionary<string, string> s_words = new(StringComparer.Ordinal)
    {
        ["PROG"] = "Program",
        ["OBJ"] = "Object",
        ["FD"] = "Descriptor",
        ["ELEM"] = "Element",
        ["ITER"] = "Iterator",
    };

    /// <summary><c>max_entries</c> becomes <c>MaxEntries</c>.</summary>
    public static string Pascal(string name)
        => string.Concat(name.Split('_', StringSplitOptions.RemoveEmptyEntries).Select(part => char.ToUpperInvariant(part[0]) + part[1..]));

    /// <summary><c>BPF_MAP_LOOKUP_ELEM</c> becomes <c>MapLookupElement</c>.</summary>
    public static string Command(string constant)
        => string.Concat(constant.Split('_')[1..].Select(part => s_words.TryGetValue(part, out string? word) ? word : part[0] + part[1..].ToLowerInvariant()));

    /// <summary>The integer of a size.</summary>
    public static string Integer(int size, bool signed) => (size, signed) switch
    {
        (1, false) => "byte",
        (1, true) => "sbyte",
        (2, false) => "ushort",
        (2, true) => "short",
        (4, false) => "uint",
        (4, true) => "int",
        (8, false) => "ulong",
        (8, true) => "long",
        _ => throw new InvalidDataException($"No integer has {size} bytes."),
    };
}
