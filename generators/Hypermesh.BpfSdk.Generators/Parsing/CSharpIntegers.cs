namespace Hypermesh.BpfSdk.Generators.Parsing;

/// <summary>C#'s integers by size and sign.</summary>
internal static class CSharpIntegers
{
    /// <summary>The integer of a size in bytes, null when there is none.</summary>
    public static string? Name(int size, bool isSigned) => size switch
    {
        1 => isSigned ? "sbyte" : "byte",
        2 => isSigned ? "short" : "ushort",
        4 => isSigned ? "int" : "uint",
        8 => isSigned ? "long" : "ulong",
        16 => isSigned ? "global::System.Int128" : "global::System.UInt128",
        _ => null,
    };

    /// <summary>The last part of a type's name, with the framework's names for C#'s keywords.</summary>
    public static string FrameworkName(string type) => type switch
    {
        "byte" => "Byte",
        "sbyte" => "SByte",
        "short" => "Int16",
        "ushort" => "UInt16",
        "int" => "Int32",
        "uint" => "UInt32",
        "long" => "Int64",
        "ulong" => "UInt64",
        "float" => "Single",
        "double" => "Double",
        _ => type.Substring(type.LastIndexOf('.') + 1),
    };
}
