using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Hypermesh.Bpf.Verifier;

/// <summary>
/// Reads the report of 7.3: a headline at a line's start, then sections whose titles are at a line's start and end with a colon, with texts indented by two and
/// wrapped at 100 columns.
/// </summary>
internal static partial class VerifierReportReader
{
    private const string Headline = "Verification failed: ";
    private const string CausalPathTitle = "Causal path";
    private static readonly string[] s_titles = ["Reason", "At", CausalPathTitle, "Suggestion"];

    /// <summary>The start of the last report; -1 in a log without a report.</summary>
    internal static int StartOf(string log)
    {
        int start = log.LastIndexOf(Headline, StringComparison.Ordinal);
        return start > 0 && log[start - 1] != '\n' ? -1 : start;
    }

    internal static BpfVerifierReport Read(ReadOnlySpan<char> report)
    {
        var sections = s_titles.ToDictionary(static title => title, static _ => new StringBuilder(), StringComparer.Ordinal);
        string problem = "";
        StringBuilder? section = null;
        foreach (ReadOnlySpan<char> line in report.EnumerateLines())
        {
            if (problem.Length == 0)
            {
                problem = line[Math.Min(Headline.Length, line.Length)..].Trim().ToString();
            }
            else if (TitleOf(line) is { } title)
            {
                section = sections[title];
            }
            else if (line.IsEmpty || line[0] == ' ')
            {
                section?.Append(line).Append('\n');
            }
            else
            {
                // The statistics end the report.
                break;
            }
        }

        string place = sections["At"].ToString();
        Match instruction = InstructionPattern().Match(place);
        Match source = SourcePattern().Match(place);
        return new BpfVerifierReport(
            problem,
            Sentences(sections["Reason"]),
            sections[CausalPathTitle].ToString().Trim('\n'),
            Sentences(sections["Suggestion"]),
            instruction.Success ? Number(instruction.Groups[1]) : null,
            source.Success ? source.Groups[1].Value : null,
            source.Success ? Number(source.Groups[2]) : null);
    }

    private static string? TitleOf(ReadOnlySpan<char> line)
    {
        foreach (string title in s_titles)
        {
            if (line.Length == title.Length + 1 && line[^1] == ':' && line.StartsWith(title, StringComparison.Ordinal))
            {
                return title;
            }
        }

        return null;
    }

    private static string Sentences(StringBuilder text) => string.Join(' ', text.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static int? Number(Group digits) => int.TryParse(digits.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : null;

    // The instruction in focus, next to the C or in a block of its own; without context the report names only the instruction.
    [GeneratedRegex(@"(?:>>> +|^  insn )(\d+)(?= \| \([0-9a-f]{2}\)|$)", RegexOptions.Multiline)]
    private static partial Regex InstructionPattern();

    // "  function @ file.bpf.c:12:7", or without the function.
    [GeneratedRegex(@"^  (?:\S+ @ )?(\S.*?):(\d+):\d+$", RegexOptions.Multiline)]
    private static partial Regex SourcePattern();
}
