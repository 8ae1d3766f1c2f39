namespace Hypermesh.Bpf.Tool.Output;

/// <summary>Rows in columns as wide as their widest cell. Cells that are all numbers stand to the right.</summary>
internal sealed class TextTable(params string[] headers)
{
    private const string Gap = "  ";

    private readonly List<(string Text, Colour Colour)[]> _rows = [];

    internal void Add(params string[] cells) => Add([.. cells.Select(static cell => (cell, Colour.None))]);

    internal void Add(params (string Text, Colour Colour)[] cells) => _rows.Add(cells);

    internal void Write(Terminal terminal, string indent = "")
    {
        int[] widths = [.. headers.Select((header, column) => _rows.Select(row => row[column].Text.Length).Append(header.Length).Max())];
        bool[] numbers = [.. headers.Select((_, column) => _rows.Count > 0 && _rows.TrueForAll(row => row[column].Text is "" or "-" || IsNumber(row[column].Text)))];
        if (headers.Any(static header => header.Length > 0))
        {
            terminal.Line(indent + Join([.. headers.Select(static header => (header, Colour.Bold))]));
        }

        foreach ((string, Colour)[] row in _rows)
        {
            terminal.Line(indent + Join(row));
        }

        string Join((string Text, Colour Colour)[] cells)
        {
            var line = new System.Text.StringBuilder();
            for (int i = 0; i < cells.Length; i++)
            {
                string padding = new(' ', widths[i] - cells[i].Text.Length);
                string painted = terminal.Paint(cells[i].Colour, cells[i].Text);
                bool last = i == cells.Length - 1;
                line.Append(numbers[i] ? padding + painted : last ? painted : painted + padding);
                line.Append(last ? "" : Gap);
            }

            return line.ToString().TrimEnd();
        }
    }

    private static bool IsNumber(string text) => text.All(static c => char.IsAsciiDigit(c) || c is '.' or '-' or '%');
}
