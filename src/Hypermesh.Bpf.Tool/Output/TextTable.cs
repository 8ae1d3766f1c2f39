using System.Text.Json.Nodes;

namespace Hypermesh.Bpf.Tool.Output;

/// <summary>A table with columns as wide as their widest cell. Columns of numbers are aligned to the right.</summary>
internal sealed class TextTable(params string[] headers)
{
    private const string Gap = "  ";

    private readonly List<(string Text, Colour Colour)[]> _rows = [];

    internal void Add(params string[] cells) => Add(Array.ConvertAll(cells, static cell => (cell, Colour.None)));

    // Escaped here already, because columns are as wide as the escaped text.
    internal void Add(params (string Text, Colour Colour)[] cells) => _rows.Add(Array.ConvertAll(cells, static cell => (TerminalLine.Escape(cell.Text), cell.Colour)));

    internal void Write(Terminal terminal, string indent = "")
    {
        int[] widths = new int[headers.Length];
        bool[] numbers = new bool[headers.Length];
        bool hasHeaders = false;
        for (int column = 0; column < headers.Length; column++)
        {
            hasHeaders |= headers[column].Length > 0;
            widths[column] = headers[column].Length;
            numbers[column] = _rows.Count > 0;
            foreach ((string Text, Colour)[] row in _rows)
            {
                widths[column] = Math.Max(widths[column], row[column].Text.Length);
                numbers[column] &= row[column].Text is "" or "-" || IsNumber(row[column].Text);
            }
        }

        if (hasHeaders)
        {
            Line(Array.ConvertAll(headers, static header => (header, Colour.Bold)));
        }

        foreach ((string, Colour)[] row in _rows)
        {
            Line(row);
        }

        void Line((string Text, Colour Colour)[] cells)
        {
            // Empty cells at the end are not padded.
            int shown = cells.Length;
            while (shown > 0 && cells[shown - 1].Text.Length == 0)
            {
                shown--;
            }

            var line = new TerminalLine(indent.Length, shown * 2, terminal);
            line.AppendLiteral(indent);
            for (int i = 0; i < shown; i++)
            {
                string padding = new(' ', widths[i] - cells[i].Text.Length);
                bool last = i == shown - 1;
                line.AppendLiteral(numbers[i] ? padding : "");
                line.AppendFormatted(new Painted(cells[i].Colour, cells[i].Text));
                line.AppendLiteral(last ? "" : (numbers[i] ? "" : padding) + Gap);
            }

            terminal.Line(ref line);
        }
    }

    private static bool IsNumber(string text) => !text.AsSpan().ContainsAnyExcept("0123456789.-%");
}

/// <summary>A table of facts: names on the left, values on the right.</summary>
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
