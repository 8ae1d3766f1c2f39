using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Compilation;

/// <summary>
/// Reads bytes as the values of a BTF type: structs as objects, enums by name, <c>char</c> arrays as text, pointers in hexadecimal. A value that nests too deep, or
/// whose text would be many times as long as its bytes (unions of two unions, and so on), is shown in hexadecimal.
/// </summary>
/// <param name="types">The types.</param>
public sealed class BtfValueReader(BtfTypes types)
{
    private const int DeepestNesting = 32;

    // In characters: a value of a few bytes may be a union of dozens of structs.
    private const long LeastBudget = 256 * 1024;
    private const int BudgetPerByte = 256;

    // The cost of a value in addition to its text.
    private const int ValueCost = 16;

    private readonly Dictionary<int, Dictionary<ulong, string>> _constants = [];
    private long _left;

    /// <summary>Reads a value of a type.</summary>
    /// <param name="typeId">The ID of the type.</param>
    /// <param name="bytes">The value. Where it is shorter than the type, members that are missing have the value 0.</param>
    /// <returns>An object, an array, a text, a number or a boolean.</returns>
    public JsonNode? Read(int typeId, ReadOnlySpan<byte> bytes)
    {
        _left = LeastBudget + ((long)bytes.Length * BudgetPerByte);
        JsonNode? value = Read(typeId, bytes, 0);
        return _left >= 0 ? value : "0x" + Hex(bytes);
    }

    /// <summary>Writes bytes as hexadecimal digits, without a prefix.</summary>
    /// <param name="bytes">The bytes.</param>
    public static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);

    /// <summary>Writes a value as one line of text. Only quotes and backslashes within strings are escaped.</summary>
    /// <param name="value">A value that <see cref="Read(int, ReadOnlySpan{byte})"/> returned.</param>
    public static string Text(JsonNode? value) => value switch
    {
        null => "null",
        JsonObject members => "{" + string.Join(", ", members.Select(static member => $"{member.Key} = {Text(member.Value)}")) + "}",
        JsonArray elements => "[" + string.Join(", ", elements.Select(Text)) + "]",
        JsonValue plain when plain.TryGetValue(out string? text) => IsHexadecimal(text) ? text : $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"",
        JsonValue plain when plain.TryGetValue(out bool flag) => flag ? "true" : "false",
        _ => Convert.ToString(value.ToString(), CultureInfo.InvariantCulture),
    };

    private static bool IsHexadecimal(string text) => text.StartsWith("0x", StringComparison.Ordinal) && text.Length > 2 && text.AsSpan(2).IndexOfAnyExcept("0123456789abcdef") < 0;

    private JsonNode? Read(int typeId, ReadOnlySpan<byte> bytes, int depth)
    {
        BtfType type = types[types.SkipModifiers(typeId)];
        if (!Spend(ValueCost))
        {
            return null;
        }

        if (depth > DeepestNesting)
        {
            return Bytes(bytes);
        }

        return type.Kind switch
        {
            BtfKind.Int => Integer(type, bytes),
            BtfKind.Enum or BtfKind.Enum64 => Enumeration(type, Unsigned(bytes), bytes.Length * 8),
            BtfKind.Pointer => $"0x{Unsigned(bytes):x}",
            BtfKind.Array => Elements(type.Array, bytes, depth),
            BtfKind.Struct or BtfKind.Union => Members(type, bytes, depth, new JsonObject()),
            BtfKind.Float when bytes.Length == sizeof(double) => Number(types.IsLittleEndian ? BinaryPrimitives.ReadDoubleLittleEndian(bytes) : BinaryPrimitives.ReadDoubleBigEndian(bytes)),
            BtfKind.Float when bytes.Length == sizeof(float) => Number(types.IsLittleEndian ? BinaryPrimitives.ReadSingleLittleEndian(bytes) : BinaryPrimitives.ReadSingleBigEndian(bytes)),
            BtfKind.DataSection => Variables(type, bytes, depth),
            _ => Bytes(bytes),
        };
    }

    // JSON has no literal for infinity and NaN.
    private static JsonNode? Number(double value) => double.IsFinite(value) ? JsonValue.Create(value) : JsonValue.Create(value.ToString(CultureInfo.InvariantCulture));

    private static JsonNode? Number(float value) => float.IsFinite(value) ? JsonValue.Create(value) : JsonValue.Create(value.ToString(CultureInfo.InvariantCulture));

    private bool Spend(long letters)
    {
        _left -= letters;
        return _left >= 0;
    }

    private JsonNode? Bytes(ReadOnlySpan<byte> bytes) => Spend(bytes.Length * 2L) ? Hex(bytes) : null;

    private JsonObject Members(BtfType type, ReadOnlySpan<byte> bytes, int depth, JsonObject values)
    {
        for (int i = 0; _left >= 0 && i < type.Length; i++)
        {
            BtfMember member = type.Member(i);
            BtfType inner = types[types.SkipModifiers(member.TypeId)];
            if (member.NameOffset == 0 && inner.IsComposite && depth < DeepestNesting)
            {
                // The members of an unnamed struct or union become members of the outer one.
                Spend(ValueCost);
                Members(inner, Part(bytes, member.BitOffset / 8, inner.Size), depth + 1, values);
                continue;
            }

            if (!Spend(types.GetStringBytes(member.NameOffset).Length))
            {
                break;
            }

            // In BTF without the kind flag, the integer type itself states the width and offset of a bit field.
            (uint bits, uint from) = member.BitfieldSize > 0 ? (member.BitfieldSize, member.BitOffset)
                : inner.Kind == BtfKind.Int && inner.IntBits > 0 && (inner.IntBits < inner.Size * 8 || inner.IntBitOffset > 0) ? ((uint)inner.IntBits, member.BitOffset + (uint)inner.IntBitOffset)
                : (0, 0);
            values[types.GetString(member.NameOffset)] = bits > 0
                ? BitField(inner, bits, from, bytes)
                : Read(member.TypeId, Part(bytes, member.BitOffset / 8, types.SizeOf(member.TypeId)), depth + 1);
        }

        return values;
    }

    private JsonObject Variables(BtfType section, ReadOnlySpan<byte> bytes, int depth)
    {
        var values = new JsonObject();
        for (int i = 0; _left >= 0 && i < section.Length; i++)
        {
            BtfSectionVariable variable = section.SectionVariable(i);
            BtfType type = types[variable.TypeId];
            if (Spend(type.NameBytes.Length))
            {
                values[type.Name] = Read(type.Kind == BtfKind.Variable ? type.TypeId : variable.TypeId, Part(bytes, variable.Offset, variable.Size), depth + 1);
            }
        }

        return values;
    }

    private JsonNode? Elements(BtfArray array, ReadOnlySpan<byte> bytes, int depth)
    {
        BtfType element = types[types.SkipModifiers(array.ElementTypeId)];
        if (element is { Kind: BtfKind.Int, Size: 1 } && (element.IntEncoding.HasFlag(BtfIntEncoding.Char) || element.Name is "char"))
        {
            int end = bytes.IndexOf((byte)0);
            ReadOnlySpan<byte> text = end < 0 ? bytes : bytes[..end];
            return Spend(text.Length) ? Encoding.UTF8.GetString(text) : null;
        }

        long size = types.SizeOf(array.ElementTypeId);
        var values = new JsonArray();
        for (long i = 0; _left >= 0 && size > 0 && i < array.Count && (i + 1) * size <= bytes.Length; i++)
        {
            values.Add(Read(array.ElementTypeId, bytes.Slice((int)(i * size), (int)size), depth + 1));
        }

        return values;
    }

    private JsonNode? BitField(BtfType type, uint bits, uint from, ReadOnlySpan<byte> bytes)
    {
        if (bits > 64)
        {
            return Bytes(Part(bytes, from / 8, ((from % 8) + bits + 7) / 8));
        }

        // In big-endian BTF, bits are counted from the most significant one.
        ulong value = 0;
        for (int bit = 0; bit < bits; bit++)
        {
            long at = from + (types.IsLittleEndian ? bits - 1 - bit : bit);
            int within = types.IsLittleEndian ? (int)(at % 8) : 7 - (int)(at % 8);
            value = (value << 1) | (at / 8 < bytes.Length ? (ulong)(bytes[(int)(at / 8)] >> within & 1) : 0);
        }

        return type.IsEnum ? Enumeration(type, value, (int)bits) : Integer(type, value, (int)bits);
    }

    private JsonNode? Enumeration(BtfType type, ulong value, int bits)
    {
        ulong meant = type.KindFlag ? (ulong)Signed(value, bits) : value;
        if (ConstantsOf(type).TryGetValue(meant, out string? name))
        {
            Spend(name.Length);
            return name;
        }

        return type.KindFlag ? JsonValue.Create((long)meant) : JsonValue.Create(meant);
    }

    // Of several constants with one value, the first gives the name. BTF stores the constants of a small enum in 32 bits.
    private Dictionary<ulong, string> ConstantsOf(BtfType type)
    {
        if (!_constants.TryGetValue(type.Id, out Dictionary<ulong, string>? constants))
        {
            int bits = (int)Math.Min(type.Size, sizeof(ulong)) * 8;
            constants = [];
            for (int i = 0; i < type.Length; i++)
            {
                BtfEnumValue constant = type.EnumValue(i);
                constants.TryAdd(type.KindFlag ? (ulong)Signed(constant.Value, bits) : constant.Value & Mask(bits), types.GetString(constant.NameOffset));
            }

            _constants.Add(type.Id, constants);
        }

        return constants;
    }

    private static ulong Mask(int bits) => bits >= 64 ? ulong.MaxValue : (1ul << bits) - 1;

    private JsonNode? Integer(BtfType type, ReadOnlySpan<byte> bytes)
        => bytes.Length > sizeof(ulong) ? Bytes(bytes) : Integer(type, Unsigned(bytes), bytes.Length * 8);

    private static JsonNode Integer(BtfType type, ulong value, int bits)
        => type.IntEncoding.HasFlag(BtfIntEncoding.Bool) ? JsonValue.Create(value != 0)
            : type.IntEncoding.HasFlag(BtfIntEncoding.Signed) ? JsonValue.Create(Signed(value, bits))
            : JsonValue.Create(value);

    private ulong Unsigned(ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        int count = Math.Min(bytes.Length, sizeof(ulong));
        for (int i = 0; i < count; i++)
        {
            value = (value << 8) | bytes[types.IsLittleEndian ? count - 1 - i : i];
        }

        return value;
    }

    private static long Signed(ulong value, int bits)
    {
        int unused = 64 - Math.Min(bits, 64);
        return bits == 0 ? 0 : (long)(value << unused) >> unused;
    }

    // A type may be larger than the value: the map's value size decides.
    private static ReadOnlySpan<byte> Part(ReadOnlySpan<byte> bytes, long offset, long size)
        => offset >= bytes.Length ? [] : bytes.Slice((int)offset, (int)Math.Min(size, bytes.Length - offset));
}
