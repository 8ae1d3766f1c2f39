using System.Text.Json.Nodes;

namespace Hypermesh.Bpf.Tool.Output;

/// <summary>The same facts as text: names to the left, values to the right.</summary>
internal static class Fields
{
    internal static void Write(Terminal terminal, JsonObject facts, string indent = "")
    {
        int widest = facts.Count == 0 ? 0 : facts.Max(static fact => Words(fact.Key).Length);
        foreach ((string name, JsonNode? value) in facts)
        {
            string text = Text(value);
            if (text.Length > 0)
            {
                terminal.Line($"{indent}{new Painted(Colour.Bold, Words(name).PadRight(widest))}  {text}");
            }
        }
    }

    private static string Text(JsonNode? value) => value switch
    {
        null => "",
        JsonArray list => string.Join(", ", list.Select(Text)),
        JsonObject facts => string.Join(", ", facts.Select(static fact => $"{Words(fact.Key)} {Text(fact.Value)}")),
        _ => value.ToString(),
    };

    // runTimeNs → run time ns
    private static string Words(string name) => string.Concat(name.Select(static c => char.IsAsciiLetterUpper(c) ? " " + char.ToLowerInvariant(c) : c.ToString()));
}
