using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Tool.Values;

/// <summary>Reads bytes as the values of a BTF type: structs as objects, enums by name, <c>char</c> arrays as text, pointers in hexadecimal.</summary>
internal sealed class BtfValueReader(BtfTypes types)
{
    private const int DeepestNesting = 32;

    internal JsonNode? Read(int typeId, ReadOnlySpan<byte> bytes, int depth = 0)
    {
        BtfType type = types[types.SkipModifiers(typeId)];
        if (depth > DeepestNesting)
        {
            return Hex(bytes);
        }

        return type.Kind switch
        {
            BtfKind.Int => Integer(type, bytes),
            BtfKind.Enum or BtfKind.Enum64 => Enumeration(type, bytes),
            BtfKind.Pointer => $"0x{Unsigned(bytes):x}",
            BtfKind.Array => Elements(type.Array, bytes, depth),
            BtfKind.Struct or BtfKind.Union => Members(type, bytes, depth),
            BtfKind.Float when bytes.Length == sizeof(double) => BinaryPrimitives.ReadDoubleLittleEndian(bytes),
            BtfKind.Float when bytes.Length == sizeof(float) => BinaryPrimitives.ReadSingleLittleEndian(bytes),
            BtfKind.DataSection => Variables(type, bytes, depth),
            _ => Hex(bytes),
        };
    }

    internal static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);

    private JsonObject Members(BtfType type, ReadOnlySpan<byte> bytes, int depth)
    {
        var values = new JsonObject();
        for (int i = 0; i < type.Length; i++)
        {
            BtfMember member = type.Member(i);
            string name = types.GetString(member.NameOffset);
            JsonNode? value = member.BitfieldSize > 0 ? BitField(member, bytes) : Read(member.TypeId, Part(bytes, member.BitOffset / 8, types.SizeOf(member.TypeId)), depth + 1);

            // What has no name of its own has its members' names.
            if (name.Length == 0 && value is JsonObject inner)
            {
                foreach ((string innerName, JsonNode? innerValue) in inner.ToArray())
                {
                    values[innerName] = innerValue?.DeepClone();
                }
            }
            else
            {
                values[name] = value;
            }
        }

        return values;
    }

    private JsonObject Variables(BtfType section, ReadOnlySpan<byte> bytes, int depth)
    {
        var values = new JsonObject();
        for (int i = 0; i < section.Length; i++)
        {
            BtfSectionVariable variable = section.SectionVariable(i);
            values[types[variable.TypeId].Name] = Read(types[variable.TypeId].TypeId, Part(bytes, variable.Offset, variable.Size), depth + 1);
        }

        return values;
    }

    private JsonNode? Elements(BtfArray array, ReadOnlySpan<byte> bytes, int depth)
    {
        BtfType element = types[types.SkipModifiers(array.ElementTypeId)];
        if (element is { Kind: BtfKind.Int, Size: 1 } && (element.IntEncoding.HasFlag(BtfIntEncoding.Char) || element.Name is "char"))
        {
            int end = bytes.IndexOf((byte)0);
            return Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
        }

        int size = (int)types.SizeOf(array.ElementTypeId);
        var values = new JsonArray();
        for (int i = 0; size > 0 && i < array.Count && (i + 1) * size <= bytes.Length; i++)
        {
            values.Add(Read(array.ElementTypeId, bytes.Slice(i * size, size), depth + 1));
        }

        return values;
    }

    private JsonNode? BitField(BtfMember member, ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        for (int bit = 0; bit < member.BitfieldSize; bit++)
        {
            long at = (long)member.BitOffset + bit;
            if (at / 8 < bytes.Length && (bytes[(int)(at / 8)] >> (int)(at % 8) & 1) != 0)
            {
                value |= 1ul << bit;
            }
        }

        BtfType type = types[types.SkipModifiers(member.TypeId)];
        return type.IsEnum ? NameOf(type, value) ?? JsonValue.Create(value) : JsonValue.Create(value);
    }

    private JsonNode? Enumeration(BtfType type, ReadOnlySpan<byte> bytes)
    {
        ulong value = Unsigned(bytes);
        return NameOf(type, value) ?? (type.KindFlag ? JsonValue.Create(Signed(bytes)) : JsonValue.Create(value));
    }

    private JsonNode? NameOf(BtfType type, ulong value)
    {
        ulong mask = type.Size >= 8 ? ulong.MaxValue : (1ul << (int)(type.Size * 8)) - 1;
        for (int i = 0; i < type.Length; i++)
        {
            BtfEnumValue constant = type.EnumValue(i);
            if ((constant.Value & mask) == value)
            {
                return types.GetString(constant.NameOffset);
            }
        }

        return null;
    }

    private static JsonNode? Integer(BtfType type, ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > sizeof(ulong))
        {
            return Hex(bytes);
        }

        return type.IntEncoding.HasFlag(BtfIntEncoding.Bool) ? JsonValue.Create(Unsigned(bytes) != 0)
            : type.IntEncoding.HasFlag(BtfIntEncoding.Signed) ? JsonValue.Create(Signed(bytes))
            : JsonValue.Create(Unsigned(bytes));
    }

    private static ulong Unsigned(ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        for (int i = Math.Min(bytes.Length, sizeof(ulong)) - 1; i >= 0; i--)
        {
            value = (value << 8) | bytes[i];
        }

        return value;
    }

    private static long Signed(ReadOnlySpan<byte> bytes)
    {
        int unused = 64 - (8 * Math.Min(bytes.Length, sizeof(ulong)));
        return unused == 64 ? 0 : (long)(Unsigned(bytes) << unused) >> unused;
    }

    // A type may say more than there is: the map's size decides.
    private static ReadOnlySpan<byte> Part(ReadOnlySpan<byte> bytes, long offset, long size)
        => offset >= bytes.Length ? [] : bytes.Slice((int)offset, (int)Math.Min(size, bytes.Length - offset));

    internal static string Text(JsonNode? value) => value switch
    {
        null => "null",
        JsonObject members => "{" + string.Join(", ", members.Select(static member => $"{member.Key} = {Text(member.Value)}")) + "}",
        JsonArray elements => "[" + string.Join(", ", elements.Select(Text)) + "]",
        JsonValue plain when plain.TryGetValue(out string? text) => text.StartsWith("0x", StringComparison.Ordinal) ? text : $"\"{text}\"",
        JsonValue plain when plain.TryGetValue(out bool flag) => flag ? "true" : "false",
        _ => Convert.ToString(value.ToString(), CultureInfo.InvariantCulture),
    };
}
