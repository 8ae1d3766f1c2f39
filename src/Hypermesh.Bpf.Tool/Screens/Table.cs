using System.Globalization;
using Hypermesh.Bpf.Tool.Output;

namespace Hypermesh.Bpf.Tool.Screens;

/// <summary>A cell of a table: its text, and what it is sorted by.</summary>
internal readonly record struct Cell(string Text, double Value, Colour Colour = Colour.None)
{
    /// <summary>A cell that is sorted by its text.</summary>
    internal static Cell Of(string text, Colour colour = Colour.None) => new(text, double.NaN, colour);

    /// <summary>A cell without a value.</summary>
    internal static Cell None { get; } = new("-", double.NegativeInfinity);
}

/// <summary>A table on a screen: the first column is the name of a row, the others are as wide as their widest cell. Columns that do not fit are left out from the right.</summary>
internal sealed class Table(string name, params string[] columns)
{
    private const int ShortestName = 12;
    private const string Gap = "  ";

    private readonly List<Cell[]> _rows = [];

    /// <summary>A row that stands first and is never filtered or scrolled.</summary>
    internal Cell[]? Total { get; set; }

    /// <summary>The number of rows, without the total.</summary>
    internal int Count => _rows.Count;

    /// <summary>True when the last column is prose and takes the rest of the width.</summary>
    internal bool EndsWithText { get; init; }

    /// <summary>True when the rows keep their order until the user sorts.</summary>
    internal bool IsOrdered { get; init; }

    internal void Add(params Cell[] cells) => _rows.Add(cells);

    /// <summary>The table in a number of lines, sorted, filtered and scrolled.</summary>
    internal Body Render(int width, int height, ScreenState state)
    {
        (int column, bool isSorted) = SortColumn(state.Sort);
        Cell[][] rows = Sorted(Filtered(state.Filter), column, isSorted);
        int[] widths = Widths(width, out int shown);
        var lines = new List<Line> { Header(widths, shown, isSorted ? column : -1) };
        if (Total is not null && lines.Count < height)
        {
            lines.Add(Row(Total, widths, shown, Colour.Bold));
        }

        int room = Math.Max(0, height - lines.Count);
        int first = Math.Clamp(state.Scroll, 0, Math.Max(0, rows.Length - room));
        int last = Math.Min(rows.Length, first + room);
        bool isCut = last < rows.Length && room > 1;
        for (int i = first; i < (isCut ? last - 1 : last); i++)
        {
            lines.Add(Row(rows[i], widths, shown, Colour.None));
        }

        if (isCut)
        {
            lines.Add(Line.Of($"… {rows.Length - last + 1} more: scroll, filter or sort", Colour.Dim));
        }
        else if (rows.Length == 0 && room > 0)
        {
            lines.Add(Line.Of(state.Filter.Length > 0 ? $"nothing matches \"{state.Filter}\"" : "nothing", Colour.Dim));
        }

        return new Body(lines, first);
    }

    // The first figure is what tables are sorted by at first, the name comes last.
    private (int Column, bool IsSorted) SortColumn(int presses)
    {
        int sortable = columns.Length - (EndsWithText ? 1 : 0);
        int turns = IsOrdered ? presses - 1 : presses;
        return turns < 0 ? (0, false) : ((turns % (sortable + 1)) == sortable ? 0 : (turns % (sortable + 1)) + 1, true);
    }

    private Cell[][] Filtered(string filter)
        => filter.Length == 0 ? [.. _rows] : [.. _rows.Where(row => row.Any(cell => cell.Text.Contains(filter, StringComparison.OrdinalIgnoreCase)))];

    private static Cell[][] Sorted(Cell[][] rows, int column, bool isSorted)
        => !isSorted ? rows
            : column == 0 ? [.. rows.OrderBy(static row => row[0].Text, NaturalOrder.Instance)]
            : [.. rows.OrderByDescending(row => row[column].Value).ThenBy(row => double.IsNaN(row[column].Value) ? row[column].Text : "", StringComparer.Ordinal).ThenBy(static row => row[0].Text, NaturalOrder.Instance)];

    private int[] Widths(int width, out int shown)
    {
        IEnumerable<Cell[]> all = Total is null ? _rows : _rows.Append(Total);
        int[] widths = new int[columns.Length + 1];
        widths[0] = Math.Max(name.Length + 2, all.Select(static row => Cells.Of(TerminalLineOf(row[0].Text))).Append(0).Max());
        for (int i = 0; i < columns.Length; i++)
        {
            widths[i + 1] = Math.Max(columns[i].Length + 1, all.Select(row => Cells.Of(row[i + 1].Text)).Append(0).Max());
        }

        // The name gives way first, then columns are left out.
        shown = columns.Length;
        int shortest = Math.Min(ShortestName, widths[0]);
        while (shown > 0 && Others(widths, shown) + shortest > width)
        {
            shown--;
        }

        widths[0] = Math.Max(Math.Min(widths[0], width - Others(widths, shown)), Math.Min(shortest, width));
        if (EndsWithText && shown == columns.Length)
        {
            widths[shown] = Math.Max(0, width - widths[0] - Others(widths, shown - 1) - Gap.Length);
        }

        return widths;
    }

    private int Others(int[] widths, int shown)
    {
        int sum = 0;
        for (int i = 1; i <= shown; i++)
        {
            sum += Gap.Length + (EndsWithText && i == columns.Length ? ShortestName : widths[i]);
        }

        return sum;
    }

    private Line Header(int[] widths, int shown, int sorted)
    {
        var line = new Line();
        line.AddFit(name + (sorted == 0 ? "↑" : ""), widths[0], Colour.Bold);
        for (int i = 1; i <= shown; i++)
        {
            string text = columns[i - 1] + (sorted == i ? "↓" : "");
            line.Add(Gap).AddFit(IsText(i) ? text : text.PadLeft(widths[i]), widths[i], Colour.Bold);
        }

        if (shown < columns.Length)
        {
            line.Add($" +{columns.Length - shown}", Colour.Dim);
        }

        return line;
    }

    private Line Row(Cell[] cells, int[] widths, int shown, Colour colour)
    {
        var line = new Line();
        line.AddFit(cells[0].Text, widths[0], cells[0].Colour == Colour.None ? colour : cells[0].Colour);
        for (int i = 1; i <= shown; i++)
        {
            string text = IsText(i) ? cells[i].Text : cells[i].Text.PadLeft(widths[i]);
            line.Add(Gap).AddFit(text, widths[i], cells[i].Colour == Colour.None ? colour : cells[i].Colour);
        }

        return line;
    }

    private bool IsText(int column) => (EndsWithText && column == columns.Length) || (_rows.Count > 0 && _rows.TrueForAll(row => double.IsNaN(row[column].Value)));

    private static string TerminalLineOf(string text) => Output.TerminalLine.Escape(text);
}

/// <summary>Numbers in texts by their value: cpu 2 before cpu 10.</summary>
internal sealed class NaturalOrder : IComparer<string>
{
    internal static readonly NaturalOrder Instance = new();

    public int Compare(string? x, string? y)
        => double.TryParse(x, CultureInfo.InvariantCulture, out double first) && double.TryParse(y, CultureInfo.InvariantCulture, out double second) ? first.CompareTo(second) : string.CompareOrdinal(x, y);
}
