using Hypermesh.Bpf;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.BpfSdk.Skeletons.Model;
using Hypermesh.BpfSdk.Skeletons.Naming;
using Hypermesh.BpfSdk.Skeletons.Sources;

namespace Hypermesh.BpfSdk.Skeletons.Parsing;

/// <summary>Says how C# stores a C type. Arrays and texts become types of their own, which it collects.</summary>
/// <param name="types">The object's types.</param>
/// <param name="names">The structs, unions and enums, named.</param>
/// <param name="scope">The skeleton's names.</param>
/// <param name="prefix">The skeleton's full name with a dot: all nested types are written in full.</param>
internal sealed class TypeResolver(BtfTypes types, TypeNames names, NameScope scope, string prefix)
{
    /// <summary>The runtime does not load a larger inline array.</summary>
    public const int LargestArray = 1024 * 1024;

    private static readonly Dictionary<ValueKind, ArrayKind> s_arrayKinds = new()
    {
        [ValueKind.Plain] = ArrayKind.Plain,
        [ValueKind.Boolean] = ArrayKind.Boolean,
        [ValueKind.BigEndian] = ArrayKind.BigEndian,
    };

    private readonly Dictionary<(string Element, ArrayKind Kind, uint Count), ArrayModel> _arrays = [];
    private readonly Dictionary<uint, TextModel> _texts = [];
    private readonly List<ArrayModel> _arrayOrder = [];
    private readonly List<TextModel> _textOrder = [];

    /// <summary>The arrays that were found, innermost first.</summary>
    public IReadOnlyList<ArrayModel> Arrays => _arrayOrder;

    /// <summary>The texts that were found.</summary>
    public IReadOnlyList<TextModel> Texts => _textOrder;

    /// <summary>Returns true for the typedefs of integers in network byte order.</summary>
    public static bool IsNetworkOrder(string typedef) => typedef is "__be16" or "__be32" or "__be64";

    /// <exception cref="UnsupportedTypeException">C# has no such type.</exception>
    public ValueShape Resolve(int id)
    {
        bool isNetworkOrder = false;
        BtfType type = types[id];
        for (int step = 0; type.IsModifier && step < TypeNesting.MaximumDepth; step++)
        {
            isNetworkOrder |= type.Kind == BtfKind.Typedef && IsNetworkOrder(type.Name);
            type = types[type.TypeId];
        }

        switch (type.Kind)
        {
            case BtfKind.Int:
                return ResolveInteger(type, isNetworkOrder);
            case BtfKind.Float:
                return ResolveFloat(type);
            case BtfKind.Pointer:
                return new ValueShape("global::Hypermesh.Bpf.KernelPointer", ValueKind.Plain, BtfTypes.PointerSize);
            case BtfKind.Enum or BtfKind.Enum64 or BtfKind.Struct or BtfKind.Union:
                return type.Size > 0
                    ? new ValueShape(prefix + names[type.Id].Name, ValueKind.Plain, SizeOf(type))
                    : throw new UnsupportedTypeException($"{CTypeNames.Describe(types, type.Id)} is empty.");
            case BtfKind.Array:
                return ResolveArray(type);
            case BtfKind.Void:
                throw new UnsupportedTypeException("clang leaves its type out of BTF.");
            case BtfKind.Forward:
                throw new UnsupportedTypeException($"{CTypeNames.Describe(types, type.Id)} is only declared.");
            default:
                throw new UnsupportedTypeException($"'{CTypeNames.Describe(types, type.Id)}' has no value.");
        }
    }

    /// <summary>Returns an array of bytes, for C that states only a size.</summary>
    public ValueShape Bytes(int size) => Array(new ValueShape("byte", ValueKind.Plain, 1), (uint)size, "__u8");

    /// <summary>Returns true for a type without bytes: an array without a length, a struct without members.</summary>
    public bool IsEmpty(int id)
    {
        BtfType type = types[types.SkipModifiers(id)];
        return (type.Kind == BtfKind.Array || type.IsComposite) && types.SizeOf(type.Id) == 0;
    }

    /// <summary>Returns the element type of an array without a length; 0 when it is not such an array, or its elements have no bytes.</summary>
    public int ElementOfEmptyArray(int id)
    {
        BtfType type = types[types.SkipModifiers(id)];
        return type.Kind == BtfKind.Array && type.Array.Count == 0 && types.SizeOf(type.Array.ElementTypeId) > 0 ? type.Array.ElementTypeId : 0;
    }

    /// <summary>Returns the size of a struct, union or enum.</summary>
    /// <exception cref="BpfObjectFormatException">It is larger than any value.</exception>
    public int SizeOf(BtfType type)
        => type.Size <= int.MaxValue
            ? (int)type.Size
            : throw new BpfObjectFormatException(types.Source, ".BTF", null, $"{CTypeNames.Describe(types, type.Id)} has a size of {type.Size} bytes");

    private ValueShape ResolveInteger(BtfType type, bool isNetworkOrder)
    {
        if ((type.IntEncoding & BtfIntEncoding.Bool) != 0 && type.Size == 1)
        {
            return new ValueShape("byte", ValueKind.Boolean, 1);
        }

        bool isSigned = (type.IntEncoding & BtfIntEncoding.Signed) != 0 && type.Name != "char";
        return CSharpIntegers.Name((int)type.Size, isSigned) is { } name
            ? new ValueShape(name, isNetworkOrder ? ValueKind.BigEndian : ValueKind.Plain, (int)type.Size)
            : Bytes((int)type.Size);
    }

    // A number that C# does not have (long double, __bf16) is its bytes.
    private ValueShape ResolveFloat(BtfType type) => type.Size switch
    {
        2 when type.Name != "__bf16" => new ValueShape("global::System.Half", ValueKind.Plain, 2),
        4 => new ValueShape("float", ValueKind.Plain, 4),
        8 => new ValueShape("double", ValueKind.Plain, 8),
        _ => Bytes((int)type.Size),
    };

    private ValueShape ResolveArray(BtfType type)
    {
        BtfArray array = type.Array;
        BtfType element = types[types.SkipModifiers(array.ElementTypeId)];
        if (element.Kind == BtfKind.Int && element.Size == 1 && element.Name == "char" && array.Count is > 0 and <= LargestArray)
        {
            return Text(array.Count);
        }

        return Array(Resolve(array.ElementTypeId), array.Count, CTypeNames.Describe(types, array.ElementTypeId));
    }

    private ValueShape Text(uint length)
    {
        if (!_texts.TryGetValue(length, out TextModel? text))
        {
            text = new TextModel(scope.ClaimFree($"Text{length}", "text", $"char[{length}]"), (int)length);
            _texts.Add(length, text);
            _textOrder.Add(text);
        }

        return new ValueShape(prefix + text.Name, ValueKind.Plain, text.Length);
    }

    private ValueShape Array(ValueShape element, uint count, string elementCType)
    {
        if (count == 0 || element.Size == 0)
        {
            throw new UnsupportedTypeException("an array without elements has no value.");
        }

        if (count > LargestArray / element.Size)
        {
            throw new UnsupportedTypeException($"it holds an array of {(long)count * element.Size} bytes; .NET allows {LargestArray} within a value.");
        }

        ArrayKind kind = s_arrayKinds[element.Kind];
        if (!_arrays.TryGetValue((element.Type, kind, count), out ArrayModel? array))
        {
            string storage = kind == ArrayKind.Boolean ? Bytes((int)count).Type : element.Type;
            string cType = $"{elementCType}[{count}]";
            string wanted = kind == ArrayKind.Boolean ? "Boolean" : (kind == ArrayKind.BigEndian ? "BigEndian" : "") + CSharpIntegers.FrameworkName(element.Type);
            array = new ArrayModel(cType, scope.ClaimFree($"{wanted}Array{count}", "array", cType), kind, storage, (int)count, (int)count * element.Size);
            _arrays.Add((element.Type, kind, count), array);
            _arrayOrder.Add(array);
        }

        return new ValueShape(prefix + array.Name, ValueKind.Plain, array.Size);
    }
}

/// <summary>A C type as C# stores it.</summary>
/// <param name="Type">The C# type.</param>
/// <param name="Kind">Its form in C#.</param>
/// <param name="Size">Bytes.</param>
internal readonly record struct ValueShape(string Type, ValueKind Kind, int Size);

/// <summary>The facts about a value's type that its C# name does not show.</summary>
internal enum ValueKind
{
    /// <summary>Nothing does.</summary>
    Plain,

    /// <summary>A byte that is true or false.</summary>
    Boolean,

    /// <summary>An integer in network order.</summary>
    BigEndian,
}

/// <summary>The exception for a C type without a C# counterpart; the message gives the reason, in a sentence that ends a diagnostic.</summary>
internal sealed class UnsupportedTypeException(string reason) : Exception(reason);

/// <summary>A struct, union or enum with its C# name.</summary>
/// <param name="Id">Its BTF ID.</param>
/// <param name="CName">What it is in C: <c>struct event</c>, or <c>union in event.address</c> when it has no name.</param>
/// <param name="Name">Its C# name within the skeleton.</param>
/// <param name="Key">Its key in the carrier: <c>struct event</c>, or <c>struct event.address</c> when it has no name.</param>
/// <param name="IsEmitted">False when another type has the name; that has been reported.</param>
internal sealed record NamedType(int Id, string CName, string Name, string Key, bool IsEmitted);

/// <summary>C#'s integers by size and sign.</summary>
internal static class CSharpIntegers
{
    /// <summary>Returns the integer with a size in bytes; null when there is none.</summary>
    public static string? Name(int size, bool isSigned) => size switch
    {
        1 => isSigned ? "sbyte" : "byte",
        2 => isSigned ? "short" : "ushort",
        4 => isSigned ? "int" : "uint",
        8 => isSigned ? "long" : "ulong",
        16 => isSigned ? "global::System.Int128" : "global::System.UInt128",
        _ => null,
    };

    /// <summary>Returns the last part of a type's name, with the framework's names for C#'s keywords.</summary>
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
