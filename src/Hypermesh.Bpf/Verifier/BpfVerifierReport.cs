using Hypermesh.Bpf.Verifier;

namespace Hypermesh.Bpf;

/// <summary>
/// The report a kernel from 7.3 on writes behind its log: which rule was broken, why, by which way the program came there, and what to do. Read from the
/// texts that kernel's source makes; no such kernel has been seen live by these tests.
/// </summary>
/// <param name="Problem">The rule and how it was broken, as in "Register Type Safety: Unreadable register".</param>
/// <param name="Explanation">Why the verifier refuses, in sentences; empty when the report has none.</param>
/// <param name="CausalPath">The branches and assignments that led there, lines as the kernel wrote them; empty when it kept none.</param>
/// <param name="Suggestion">What may help, in sentences; empty when the report has none.</param>
/// <param name="InstructionIndex">The instruction it is about, null when the report does not say.</param>
/// <param name="SourceFile">The C file, null without line information.</param>
/// <param name="SourceLine">The C line, from 1; null without line information.</param>
public sealed record BpfVerifierReport(
    string Problem, string Explanation, string CausalPath, string Suggestion, int? InstructionIndex, string? SourceFile, int? SourceLine);

/// <summary>How much the verifier writes about a program it accepts. About one it refuses, its log is always asked for.</summary>
[Flags]
public enum BpfVerifierLogLevel
{
    /// <summary>Nothing: a log costs time.</summary>
    None = 0,

    /// <summary>What the verifier notes besides the instructions, and the statistics; of a program it refuses, the way to the failure (<c>BPF_LOG_LEVEL1</c>).</summary>
    Brief = 1,

    /// <summary>Every instruction of every way through the program, with the registers (<c>BPF_LOG_LEVEL2</c>): large.</summary>
    States = 2,

    /// <summary>How much work it was (<c>BPF_LOG_STATS</c>, 5.2).</summary>
    Statistics = 4,
}

/// <summary>What a verifier log says: its text, and the sentence, instruction and C line found in it.</summary>
internal sealed record VerifierLog(string Text, string Reason, int? InstructionIndex, string? SourceFile, int? SourceLine)
{
    /// <summary>The beginning of a line that stands for an omitted part of a log.</summary>
    internal const string Gap = "... ";

    /// <summary>What the kernel explains of the failure in words (7.3), null where it wrote no such report.</summary>
    internal BpfVerifierReport? Report { get; init; }

    /// <summary>Reads a log of either form. The report of newer kernels stands behind the classic log, which they write as well.</summary>
    internal static VerifierLog Parse(string text)
    {
        int start = VerifierReportReader.StartOf(text);
        if (start < 0)
        {
            return ClassicLogReader.Read(text, text);
        }

        BpfVerifierReport report = VerifierReportReader.Read(text.AsSpan(start));
        VerifierLog log = ClassicLogReader.Read(text, text.AsSpan(0, start));
        return log with
        {
            Reason = log.Reason.Length > 0 ? log.Reason : report.Problem,
            InstructionIndex = report.InstructionIndex ?? log.InstructionIndex,
            SourceFile = report.SourceFile ?? log.SourceFile,
            SourceLine = report.SourceLine ?? log.SourceLine,
            Report = report,
        };
    }
}
