using Hypermesh.Bpf.Monitoring;
using Hypermesh.Bpf.Tool.Output;

namespace Hypermesh.Bpf.Tool.Screens;

/// <summary>A histogram over time: a column for each reading, the newest on the right, a row for each slot, the longest times on top. The more values, the fuller.</summary>
internal static class Heat
{
    private const int LabelWidth = 8;
    private const string Blocks = " ░▒▓█";
    private const string Letters = " .:*#";

    /// <summary>The number of lines from which on it can be read.</summary>
    internal const int Shortest = 5;

    /// <summary>Renders a histogram in at most a number of lines, the title included.</summary>
    /// <param name="title">What the values are.</param>
    /// <param name="columns">The slots in each reading, the oldest first.</param>
    /// <param name="like">A histogram with the same slots, for their bounds.</param>
    /// <param name="width">The number of cells.</param>
    /// <param name="height">The most lines.</param>
    /// <param name="isAscii">Whether letters replace the blocks.</param>
    /// <param name="isTime">Whether the values are times; else sizes.</param>
    internal static List<Line> Render(string title, IReadOnlyCollection<ulong[]> columns, Exp2Histogram like, int width, int height, bool isAscii, bool isTime = true)
    {
        int room = Math.Max(1, width - LabelWidth - 1);
        ulong[][] shown = [.. columns.Skip(Math.Max(0, columns.Count - room))];
        (int first, int last) = Range(shown);
        if (last < 0)
        {
            return [Line.Of($"{title}: no values", Colour.Dim)];
        }

        // A row stands for one slot, or for several where there is not enough room; and a few rows more than there are values are shown, so that a jump is seen.
        int rows = Math.Max(1, height - 1);
        int slots = like.Slots.Length;
        (first, last) = (Math.Max(0, first - 1), Math.Min(slots - 1, last + 1));
        int perRow = ((last - first) / rows) + 1;
        int count = ((last - first) / perRow) + 1;
        double most = Math.Log(1 + shown.Max(column => Greatest(column, first, perRow, count)));
        var lines = new List<Line> { Title(title, shown.Length, isTime) };
        for (int row = count - 1; row >= 0; row--)
        {
            int from = first + (row * perRow);
            int upper = Math.Min(from + perRow - 1, slots - 1);
            double bound = like.UpperBound(upper);
            var line = new Line();
            line.Add($"<{(isTime ? Units.Time(bound) : Units.Bytes(bound))} ", Colour.Dim).PadTo(LabelWidth + 1);
            line.Add(new string(' ', room - shown.Length));
            line.Add(string.Concat(shown.Select(column => Mark(Sum(column, from, perRow), most, isAscii))));
            lines.Add(line);
        }

        return lines;
    }

    private static Line Title(string title, int readings, bool isTime)
        => new Line().Add(title, Colour.Bold).Add($"  {readings} reading{(readings == 1 ? "" : "s")}, now at the right; {(isTime ? "slow" : "large")} on top; fuller is more", Colour.Dim);

    private static (int First, int Last) Range(ulong[][] columns)
    {
        (int first, int last) = (int.MaxValue, -1);
        foreach (ulong[] column in columns)
        {
            for (int slot = 0; slot < column.Length; slot++)
            {
                if (column[slot] > 0)
                {
                    (first, last) = (Math.Min(first, slot), Math.Max(last, slot));
                }
            }
        }

        return (first, last);
    }

    private static double Greatest(ulong[] column, int first, int perRow, int rows)
    {
        ulong most = 0;
        for (int row = 0; row < rows; row++)
        {
            most = Math.Max(most, Sum(column, first + (row * perRow), perRow));
        }

        return most;
    }

    private static ulong Sum(ulong[] column, int from, int count)
    {
        ulong sum = 0;
        for (int slot = from; slot < Math.Min(from + count, column.Length); slot++)
        {
            sum += column[slot];
        }

        return sum;
    }

    // One value is seen beside a million: the steps are those of the logarithm.
    private static char Mark(ulong value, double most, bool isAscii)
    {
        string marks = isAscii ? Letters : Blocks;
        return value == 0 ? marks[0] : marks[Math.Clamp((int)Math.Ceiling(Math.Log(1 + value) / most * (marks.Length - 1)), 1, marks.Length - 1)];
    }
}
