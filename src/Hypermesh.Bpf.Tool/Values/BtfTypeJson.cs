using System.Text.Json;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Tool.Values;

/// <summary>Writes a BTF type as JSON.</summary>
internal static class BtfTypeJson
{
    private delegate void Part(Utf8JsonWriter writer, BtfTypes types, BtfType type);

    private static readonly Dictionary<BtfKind, Part> s_parts = new()
    {
        [BtfKind.Int] = Integer,
        [BtfKind.Array] = Array,
        [BtfKind.Struct] = Members,
        [BtfKind.Union] = Members,
        [BtfKind.Enum] = Constants,
        [BtfKind.Enum64] = Constants,
        [BtfKind.FunctionPrototype] = Parameters,
        [BtfKind.DataSection] = Variables,
        [BtfKind.Float] = static (writer, _, type) => writer.WriteNumber("bytes", type.Size),
        [BtfKind.Forward] = static (writer, _, type) => writer.WriteString("of", type.KindFlag ? "union" : "struct"),
    };

    internal static void Write(Utf8JsonWriter writer, BtfTypes types, BtfType type)
    {
        writer.WriteStartObject();
        writer.WriteNumber("id", type.Id);
        writer.WriteString("kind", type.Kind.ToString());
        writer.WriteString("name", type.Name);
        if (s_parts.TryGetValue(type.Kind, out Part? part))
        {
            part(writer, types, type);
        }
        else
        {
            // Pointers, modifiers, functions, variables, tags: kinds that refer to one other type.
            writer.WriteNumber("type", type.TypeId);
        }

        writer.WriteEndObject();
    }

    private static void Integer(Utf8JsonWriter writer, BtfTypes types, BtfType type)
    {
        writer.WriteNumber("bytes", type.Size);
        writer.WriteNumber("bits", type.IntBits);
        writer.WriteString("encoding", type.IntEncoding.ToString());
    }

    private static void Array(Utf8JsonWriter writer, BtfTypes types, BtfType type)
    {
        writer.WriteNumber("type", type.Array.ElementTypeId);
        writer.WriteNumber("count", type.Array.Count);
    }

    private static void Members(Utf8JsonWriter writer, BtfTypes types, BtfType type)
    {
        writer.WriteNumber("bytes", type.Size);
        Entries(writer, "members", type, i =>
        {
            BtfMember member = type.Member(i);
            writer.WriteString("name", types.GetString(member.NameOffset));
            writer.WriteNumber("type", member.TypeId);
            writer.WriteNumber("bitOffset", member.BitOffset);
            writer.WriteNumber("bits", member.BitfieldSize);
        });
    }

    private static void Constants(Utf8JsonWriter writer, BtfTypes types, BtfType type)
    {
        writer.WriteNumber("bytes", type.Size);
        writer.WriteBoolean("signed", type.KindFlag);
        Entries(writer, "values", type, i =>
        {
            BtfEnumValue constant = type.EnumValue(i);
            writer.WriteString("name", types.GetString(constant.NameOffset));
            if (type.KindFlag)
            {
                writer.WriteNumber("value", (long)constant.Value);
            }
            else
            {
                writer.WriteNumber("value", constant.Value);
            }
        });
    }

    private static void Parameters(Utf8JsonWriter writer, BtfTypes types, BtfType type)
    {
        writer.WriteNumber("returns", type.TypeId);
        Entries(writer, "parameters", type, i =>
        {
            BtfParameter parameter = type.Parameter(i);
            writer.WriteString("name", types.GetString(parameter.NameOffset));
            writer.WriteNumber("type", parameter.TypeId);
        });
    }

    private static void Variables(Utf8JsonWriter writer, BtfTypes types, BtfType type)
    {
        writer.WriteNumber("bytes", type.Size);
        Entries(writer, "variables", type, i =>
        {
            BtfSectionVariable variable = type.SectionVariable(i);
            writer.WriteNumber("type", variable.TypeId);
            writer.WriteNumber("offset", variable.Offset);
            writer.WriteNumber("bytes", variable.Size);
        });
    }

    // One object for each member of the type.
    private static void Entries(Utf8JsonWriter writer, string name, BtfType type, Action<int> write)
    {
        writer.WriteStartArray(name);
        for (int i = 0; i < type.Length; i++)
        {
            writer.WriteStartObject();
            write(i);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
