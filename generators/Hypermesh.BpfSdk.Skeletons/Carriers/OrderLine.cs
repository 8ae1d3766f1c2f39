using System.Globalization;

namespace Hypermesh.BpfSdk.Skeletons.Carriers;

/// <summary>A carrier's line about a comparison across byte orders: line, header (empty for the C file itself), name, struct, constant and remedy, separated by tabs.</summary>
/// <param name="Line">The line of the constant.</param>
/// <param name="Header">The file, from the project's folder; empty for the C file itself.</param>
/// <param name="Name">The member or variable in network order.</param>
/// <param name="Owner">The struct of the member; empty for a variable.</param>
/// <param name="Constant">The constant as the C has it.</param>
/// <param name="Remedy">What to write in its place.</param>
internal sealed record OrderLine(int Line, string Header, string Name, string Owner, string Constant, string Remedy)
{
    private const int Parts = 6;

    /// <summary>Reads the text after <c>order</c>; null for another line.</summary>
    public static OrderLine? Read(string text)
        => text.Split('\t') is { Length: Parts } parts && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int line) && line is > 0 and <= DocLine.MaximumLine
            ? new OrderLine(line, DocLine.Unescape(parts[1]), parts[2], parts[3], parts[4], parts[5])
            : null;
}
