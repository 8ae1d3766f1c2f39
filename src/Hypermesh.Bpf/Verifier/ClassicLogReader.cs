using System.Globalization;
using System.Text.RegularExpressions;

namespace Hypermesh.Bpf.Verifier;

/// <summary>
/// Reads a log in the form that all kernels write: instructions as <c>12: (85) call …</c>, C lines as <c>; text @ file.c:34</c>, the states of registers, and at the end
/// the sentences that say why the program was rejected. The log is read from its end, because it can be very long.
/// </summary>
internal static partial class ClassicLogReader
{
    // A reason is one sentence or two; a third names the argument they are about.
    private const int MostSentences = 3;

    // Notes of the verifier that are not a reason.
    private static readonly string[] s_notes =
    [
        "processed ", "verification time ", "stack depth ", "insns processed ", "mark_precise:", "last_idx ", "regs=", "parent didn't have regs=", "parent already had regs=",
        "cur state:", "old state:", "caller:", "callee:", "returning from callee:", "to caller at ", "propagating ", "Live regs before insn:", "Validating ",
    ];

    // The verifier reports these before the first path or after the last, so they are not about the last instruction in the log.
    private static readonly string[] s_ofTheWhole = ["stack size of ", "the call stack of ", "tail_calls are not allowed", "last insn is not an exit or jmp"];

    internal static VerifierLog Read(string text, ReadOnlySpan<char> log)
    {
        var sentences = new List<string>();
        ReadOnlySpan<char> source = default;
        int? instruction = null;
        bool isPastInstruction = false;
        while (!log.IsEmpty)
        {
            ReadOnlySpan<char> entry = TakeLast(ref log);
            if (entry.StartsWith(VerifierLog.Gap, StringComparison.Ordinal))
            {
                break;
            }

            if (entry.IsEmpty || IsNote(entry))
            {
                continue;
            }

            if (InstructionLine().IsMatch(entry))
            {
                if (!isPastInstruction && int.TryParse(entry[..entry.IndexOf(':')], NumberStyles.None, CultureInfo.InvariantCulture, out int index))
                {
                    instruction = index;
                }

                isPastInstruction = true;
            }
            else if (entry[0] == ';')
            {
                // Kernels before 6.10 do not write the file in any of these lines.
                source = SourceLinePattern().IsMatch(entry) ? entry : source;
                break;
            }
            else if (!isPastInstruction && sentences.Count < MostSentences)
            {
                sentences.Insert(0, entry.ToString());
            }
        }

        string reason = string.Join("; ", sentences);
        if (Array.Exists(s_ofTheWhole, words => reason.Contains(words, StringComparison.Ordinal)))
        {
            return new VerifierLog(text, reason, null, null, null);
        }

        Match named = NamedInstruction().Match(reason);
        (string? file, int? line) = Place(source);
        return new VerifierLog(text, reason, named.Success && int.TryParse(named.Groups[1].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out int place) ? place : instruction, file, line);
    }

    private static ReadOnlySpan<char> TakeLast(scoped ref ReadOnlySpan<char> log)
    {
        int end = log.LastIndexOf('\n');
        ReadOnlySpan<char> entry = log[(end + 1)..].Trim();
        log = end < 0 ? default : log[..end];
        return entry;
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

    private static bool IsNote(ReadOnlySpan<char> entry)
    {
        foreach (string start in s_notes)
        {
            if (entry.StartsWith(start, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return StateLine().IsMatch(entry);
    }

    [GeneratedRegex(@"^(\d+): \([0-9a-f]{2}\)")]
    private static partial Regex InstructionLine();

    [GeneratedRegex(@"^;.* @ (.+):(\d+)$")]
    private static partial Regex SourceLinePattern();

    // "infinite loop detected at insn 12", "unreachable insn 12", "back-edge from insn 12 to 3": these name an instruction that may not be the last in the log.
    [GeneratedRegex(@"\binsn (\d+)\b")]
    private static partial Regex NamedInstruction();

    // "from 3 to 7: R0=…", "12: R1=ctx() R10=fp0", "R0=inv0", "12: safe" and "func#0 @0": registers and paths, not reasons.
    [GeneratedRegex(@"^(from \d+ to \d+|\d+: (R\d|frame|safe$)|R\d+(_r?w?)?=|fp-\d+(_r?w?)?=|[Ff]unc#\d+ (@|is |\('.*'\) is )|frame ?\d+:)")]
    private static partial Regex StateLine();
}
