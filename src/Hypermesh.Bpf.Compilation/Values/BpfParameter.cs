using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json.Nodes;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Compilation;

/// <summary>
/// A constant of an object that is set before the load: a <c>const volatile</c> global variable that is an integer, a boolean, an enum or text. <c>HM_PARAMETER</c> of
/// <c>hypermesh/parameter.h</c> gives it a range and a description.
/// </summary>
public sealed class BpfParameter
{
    private const string Tag = "hypermesh.parameter:";
    private const string ArgumentPrefix = "hm_arg";

    private readonly BpfObjectSpec _spec;
    private readonly BpfDataSectionSpec _section;
    private readonly BpfGlobalVariable _variable;
    private readonly BtfType _type;

    private BpfParameter(BpfObjectSpec spec, BpfDataSectionSpec section, BpfGlobalVariable variable, BtfType type, string? tag)
    {
        _spec = spec;
        _section = section;
        _variable = variable;
        _type = type;
        TypeName = NameOf(type);
        (BigInteger least, BigInteger most) = RangeOf(type, variable.Size);
        string[] words = tag?.Split('\t') ?? [];
        Least = words.Length > 0 && BigInteger.TryParse(words[0], CultureInfo.InvariantCulture, out BigInteger low) && low > least ? low : least;
        Most = words.Length > 1 && BigInteger.TryParse(words[1], CultureInfo.InvariantCulture, out BigInteger high) && high < most ? high : most;
        Description = words.Length > 2 ? words[2] : "";
        Default = Value;
    }

    /// <summary>The variable's name in C.</summary>
    public string Name => _variable.Name;

    /// <summary>Its type, such as <c>unsigned int</c>, <c>bool</c>, <c>enum mode</c> or <c>text</c>.</summary>
    public string TypeName { get; }

    /// <summary>The least value; 0 for text.</summary>
    public BigInteger Least { get; }

    /// <summary>The greatest value; for text the greatest number of bytes.</summary>
    public BigInteger Most { get; }

    /// <summary>What it is for, as the C says; empty where it does not.</summary>
    public string Description { get; }

    /// <summary>The value in the C, as text.</summary>
    public string Default { get; }

    /// <summary>The value that will be loaded, as text.</summary>
    public string Value => new BtfValueReader(_spec.Btf!).Read(_variable.TypeId, _section.Image.Slice(_variable.Offset, _variable.Size)) switch
    {
        JsonValue value when value.TryGetValue(out string? text) => text,
        JsonValue value when value.TryGetValue(out bool flag) => flag ? "true" : "false",
        { } other => other.ToJsonString(),
        null => "",
    };

    private bool IsText => _type.Kind == BtfKind.Array;

    /// <summary>Returns the parameters of an object, in the order of its .rodata.</summary>
    /// <param name="spec">The object, not loaded yet.</param>
    public static IReadOnlyList<BpfParameter> Of(BpfObjectSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        if (spec.Btf is not { } types)
        {
            return [];
        }

        Dictionary<int, string> tags = Tags(types);
        return
        [
            .. from section in spec.DataSections
               where section.IsReadOnly
               from variable in section.Variables
               where !variable.IsStatic && !variable.Name.StartsWith(ArgumentPrefix, StringComparison.Ordinal)
               let type = types[types.SkipModifiers(variable.TypeId)]
               where type.IsEnum || (type.Kind == BtfKind.Int && variable.Size <= sizeof(ulong)) || IsTextType(types, type)
               select new BpfParameter(spec, section, variable, type, tags.GetValueOrDefault(variable.VariableId)),
        ];
    }

    /// <summary>Sets parameters; checks all of them before the first is changed.</summary>
    /// <param name="spec">The object, not loaded yet.</param>
    /// <param name="values">Values by name, as text.</param>
    /// <exception cref="BpfException">There is no such parameter, or a value is not one of its type, or out of range; the message names the parameter and its range.</exception>
    public static void Set(BpfObjectSpec spec, IEnumerable<KeyValuePair<string, string>> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        IReadOnlyList<BpfParameter> all = Of(spec);
        foreach ((BpfParameter parameter, byte[] bytes) in values.Select(one => Find(spec, all, one.Key) is var found ? (found, found.Encode(one.Value)) : default).ToArray())
        {
            for (int i = 0; i < bytes.Length; i++)
            {
                parameter._section.Write(parameter._variable.Offset + i, bytes[i]);
            }
        }
    }

    private static BpfParameter Find(BpfObjectSpec spec, IReadOnlyList<BpfParameter> all, string name)
        => all.FirstOrDefault(one => one.Name == name) ?? throw new BpfException(
            all.Count == 0
                ? $"{spec.Name} has no parameter '{name}': it has none. A parameter is a const volatile global variable."
                : $"{spec.Name} has no parameter '{name}'; it has {string.Join(", ", all.Select(static one => one.Name))}.",
            spec.Name,
            name);

    private byte[] Encode(string text)
    {
        if (IsText)
        {
            byte[] bytes = Encoding.UTF8.GetBytes(text);
            return bytes.Length <= Most ? [.. bytes, .. new byte[_variable.Size - bytes.Length]] : throw Refuse(text, $"text of at most {Most} bytes");
        }

        if (!TryNumber(text, out BigInteger value))
        {
            throw Refuse(text, _type.IsEnum ? $"one of {string.Join(", ", Constants().Select(static one => one.Name))}" : IsBoolean ? "true or false" : "a whole number, also as 0x…");
        }

        if (value < Least || value > Most)
        {
            throw Refuse(text, $"from {Least} to {Most}");
        }

        byte[] number = new byte[_variable.Size];
        value.TryWriteBytes(number, out int written, isUnsigned: value.Sign >= 0, isBigEndian: false);
        number.AsSpan(written).Fill(value.Sign < 0 ? (byte)0xff : (byte)0);
        if (!_spec.Btf!.IsLittleEndian)
        {
            Array.Reverse(number);
        }

        return number;
    }

    private bool IsBoolean => _type.Kind == BtfKind.Int && _type.IntEncoding.HasFlag(BtfIntEncoding.Bool);

    private bool TryNumber(string text, out BigInteger value)
    {
        value = 0;
        if (_type.IsEnum && Constants().Where(one => one.Name == text).Select(static one => (BigInteger?)one.Value).FirstOrDefault() is { } constant)
        {
            value = constant;
            return true;
        }

        if (IsBoolean && bool.TryParse(text, out bool flag))
        {
            value = flag ? 1 : 0;
            return true;
        }

        // A leading 0 keeps a hexadecimal number from being read as a negative one.
        return text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? BigInteger.TryParse("0" + text[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value)
            : BigInteger.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);
    }

    private IEnumerable<(string Name, BigInteger Value)> Constants()
    {
        for (int i = 0; i < _type.Length; i++)
        {
            BtfEnumValue constant = _type.EnumValue(i);
            yield return (_spec.Btf!.GetString(constant.NameOffset), _type.KindFlag ? (long)constant.Value : constant.Value);
        }
    }

    private BpfException Refuse(string text, string allowed)
        => new($"Parameter {Name} of {_spec.Name} cannot be '{text}': it is {allowed}.{(Description.Length > 0 ? $" {Description}." : "")}", _spec.Name, Name);

    private string NameOf(BtfType type) => IsText ? "text" : type.IsEnum ? $"enum {type.Name}".TrimEnd() : IsBoolean ? "bool" : type.Name;

    private static (BigInteger Least, BigInteger Most) RangeOf(BtfType type, int size)
        => type.Kind == BtfKind.Array ? (0, size - 1)
            : type.Kind == BtfKind.Int && type.IntEncoding.HasFlag(BtfIntEncoding.Bool) ? (0, 1)
            : type.IsEnum ? (type.KindFlag ? -(BigInteger.One << ((size * 8) - 1)) : 0, (BigInteger.One << (size * 8)) - 1)
            : type.IntEncoding.HasFlag(BtfIntEncoding.Signed) ? (-(BigInteger.One << ((size * 8) - 1)), (BigInteger.One << ((size * 8) - 1)) - 1)
            : (0, (BigInteger.One << (size * 8)) - 1);

    private static bool IsTextType(BtfTypes types, BtfType type)
        => type.Kind == BtfKind.Array && types[types.SkipModifiers(type.Array.ElementTypeId)] is { Kind: BtfKind.Int, Size: 1 } element
            && (element.IntEncoding.HasFlag(BtfIntEncoding.Char) || element.Name == "char");

    private static Dictionary<int, string> Tags(BtfTypes types)
    {
        var tags = new Dictionary<int, string>();
        for (int id = types.FirstId; id < types.Count; id++)
        {
            if (types[id] is { Kind: BtfKind.DeclarationTag } tag && tag.Name.StartsWith(Tag, StringComparison.Ordinal))
            {
                tags[tag.TypeId] = tag.Name[Tag.Length..];
            }
        }

        return tags;
    }
}
