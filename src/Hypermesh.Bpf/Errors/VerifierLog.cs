using System.Globalization;
using System.Text.RegularExpressions;

namespace Hypermesh.Bpf;

/// <summary>What a verifier log says: its text, and the sentence, instruction and C line found in it.</summary>
internal sealed partial record VerifierLog(string Text, string Reason, int? InstructionIndex, string? SourceFile, int? SourceLine)
{
    /// <summary>Reads a log of the classic form: instructions as <c>12: (85) call …</c>, C lines as <c>; text @ file.c:34</c>, the reason as the last line that is none of these.</summary>
    internal static VerifierLog Parse(string text)
    {
        string? reason = null;
        int? instruction = null;
        string? file = null;
        int? line = null;
        foreach (string raw in text.Split('\n'))
        {
            string entry = raw.Trim();
            if (entry.Length == 0 || IsStatistics(entry))
            {
                continue;
            }

            if (InstructionLine().Match(entry) is { Success: true } match)
            {
                instruction = int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
            }
            else if (SourceLinePattern().Match(entry) is { Success: true } source)
            {
                file = source.Groups[1].Value;
                line = int.Parse(source.Groups[2].ValueSpan, CultureInfo.InvariantCulture);
            }
            else if (!entry.StartsWith(';') && !StateLine().IsMatch(entry))
            {
                reason = entry;
            }
        }

        return new VerifierLog(text, reason ?? "", instruction, file, line);
    }

    private static bool IsStatistics(string entry)
        => entry.StartsWith("processed ", StringComparison.Ordinal)
            || entry.StartsWith("verification time ", StringComparison.Ordinal)
            || entry.StartsWith("stack depth ", StringComparison.Ordinal)
            || entry.StartsWith("mark_precise:", StringComparison.Ordinal);

    [GeneratedRegex(@"^(\d+): \([0-9a-f]{2}\)")]
    private static partial Regex InstructionLine();

    [GeneratedRegex(@"^;.* @ (.+):(\d+)$")]
    private static partial Regex SourceLinePattern();

    // "from 3 to 7: R0=…", "12: R1=ctx() R10=fp0", "R0=inv0" and "func#0 @0": registers, not reasons.
    [GeneratedRegex(@"^(from \d+ to \d+|\d+: (R\d|frame)|R\d+(_w)?=|func#\d+ @|caller:|callee:|frame\d+:)")]
    private static partial Regex StateLine();
}
