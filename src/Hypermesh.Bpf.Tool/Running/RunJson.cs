using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Hypermesh.Bpf.Compilation;
using Hypermesh.Bpf.Tool.Output;

namespace Hypermesh.Bpf.Tool.Running;

/// <summary>The result of <c>run</c> as JSON: an object a line.</summary>
internal static class RunJson
{
    internal static void Event(Terminal terminal, JsonNode? record)
        => Line(terminal, writer =>
        {
            writer.WriteStartObject();
            writer.WritePropertyName("event");
            Write(writer, record);
            writer.WriteEndObject();
        });

    internal static void Result(Terminal terminal, BpfObjectValues values, RunView view)
        => Line(terminal, writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartObject("maps");
            foreach (string name in view.Maps(values))
            {
                writer.WriteStartArray(name);
                foreach (BpfMapEntry entry in values.ReadMap(name))
                {
                    writer.WriteStartObject();
                    writer.WritePropertyName("key");
                    Write(writer, entry.Key);
                    writer.WritePropertyName("value");
                    Write(writer, entry.Value);
                    writer.WriteEndObject();
                }

                writer.WriteEndArray();
            }

            writer.WriteEndObject();
            writer.WriteStartObject("globals");
            foreach ((string name, JsonNode? value) in values.ReadGlobals())
            {
                writer.WritePropertyName(name);
                Write(writer, value);
            }

            writer.WriteEndObject();
            writer.WriteNumber("dropped", values.Dropped);
            writer.WriteEndObject();
        });

    private static void Line(Terminal terminal, Action<Utf8JsonWriter> write)
    {
        var text = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(text))
        {
            write(writer);
        }

        terminal.JsonLine(text.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter writer, JsonNode? value)
    {
        if (value is null)
        {
            writer.WriteNullValue();
        }
        else
        {
            value.WriteTo(writer);
        }
    }
}
