using System.Globalization;
using System.Text.RegularExpressions;

namespace Hypermesh.Bpf;

/// <summary>
/// Reads a log of the form all kernels write: instructions as <c>12: (85) call …</c>, C lines as <c>; text @ file.c:34</c>, the reason as
/// the last line that is none of these.
/// </summary>
internal static partial class ClassicLogReader
{
    private static readonly string[] s_statistics = ["processed ", "verification time ", "stack depth ", "mark_precise:", "insns processed "];

    internal static VerifierLog Read(string text, ReadOnlySpan<char> log)
    {
        ReadOnlySpan<char> reason = default;
        ReadOnlySpan<char> source = default;
        int? instruction = null;
        foreach (ReadOnlySpan<char> raw in log.EnumerateLines())
        {
            ReadOnlySpan<char> entry = raw.Trim();
            if (entry.IsEmpty || IsStatistics(entry))
            {
                continue;
            }

            if (InstructionLine().IsMatch(entry))
            {
                instruction = int.TryParse(entry[..entry.IndexOf(':')], NumberStyles.None, CultureInfo.InvariantCulture, out int index) ? index : instruction;
            }
            else if (entry[0] == ';')
            {
                source = SourceLinePattern().IsMatch(entry) ? entry : source;
            }
            else if (!StateLine().IsMatch(entry))
            {
                reason = entry;
            }
        }

        (string? file, int? line) = Place(source);
        return new VerifierLog(text, reason.ToString(), instruction, file, line);
    }

    private static (string? File, int? Line) Place(ReadOnlySpan<char> source)
    {
        if (source.IsEmpty)
        {
            return (null, null);
        }

        Match match = SourceLinePattern().Match(source.ToString());
        return (match.Groups[1].Value, int.TryParse(match.Groups[2].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out int line) ? line : null);
    }

    private static bool IsStatistics(ReadOnlySpan<char> entry)
    {
        foreach (string start in s_statistics)
        {
            if (entry.StartsWith(start, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    [GeneratedRegex(@"^(\d+): \([0-9a-f]{2}\)")]
    private static partial Regex InstructionLine();

    [GeneratedRegex(@"^;.* @ (.+):(\d+)$")]
    private static partial Regex SourceLinePattern();

    // "from 3 to 7: R0=…", "12: R1=ctx() R10=fp0", "R0=inv0" and "func#0 @0": registers, not reasons.
    [GeneratedRegex(@"^(from \d+ to \d+|\d+: (R\d|frame)|R\d+(_w)?=|func#\d+ @|caller:|callee:|frame\d+:)")]
    private static partial Regex StateLine();
}
