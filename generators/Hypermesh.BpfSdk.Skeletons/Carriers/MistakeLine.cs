using System.Globalization;
using Hypermesh.BpfSdk.Skeletons.Helpers;

namespace Hypermesh.BpfSdk.Skeletons.Carriers;

/// <summary>A carrier's line about a mistake in the C: the ID of its rule, line, header (empty for the C file itself) and the arguments of the message, separated by tabs.</summary>
/// <param name="Id">The ID of its rule.</param>
/// <param name="Line">The line.</param>
/// <param name="Header">The file, from the project's folder; empty for the C file itself.</param>
/// <param name="Arguments">The arguments of the message.</param>
internal sealed record MistakeLine(string Id, int Line, string Header, EquatableArray<string> Arguments)
{
    private const int Facts = 3;

    /// <summary>Reads the text after <c>mistake</c>; null for another line.</summary>
    public static MistakeLine? Read(string text)
        => text.Split('\t') is { Length: >= Facts } parts && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int line) && line is > 0 and <= DocLine.MaximumLine
            ? new MistakeLine(parts[0], line, DocLine.Unescape(parts[2]), parts.Skip(Facts).Select(DocLine.Unescape).ToArray().ToEquatableArray())
            : null;
}
