using Hypermesh.Bpf.Verifier;

namespace Hypermesh.Bpf;

/// <summary>
/// The report that kernels from 7.3 on write after the log: which rule was broken, why, on which path the program came there, and what to do. Based on the
/// texts in that kernel's source; it has not been tested on such a kernel.
/// </summary>
/// <param name="Problem">The rule and how it was broken, as in "Register Type Safety: Unreadable register".</param>
/// <param name="Explanation">Why the verifier rejects the program, in sentences; empty if the report has none.</param>
/// <param name="CausalPath">The branches and assignments that led there, as lines of the kernel; empty if it has none.</param>
/// <param name="Suggestion">What may help, in sentences; empty when the report has none.</param>
/// <param name="InstructionIndex">The index of the instruction it is about; null if the report does not name one.</param>
/// <param name="SourceFile">The C file, null without line information.</param>
/// <param name="SourceLine">The C line, from 1; null without line information.</param>
public sealed record BpfVerifierReport(
    string Problem, string Explanation, string CausalPath, string Suggestion, int? InstructionIndex, string? SourceFile, int? SourceLine);

/// <summary>The amount of verifier log for accepted programs. For a rejected program the log is always requested.</summary>
[Flags]
public enum BpfVerifierLogLevel
{
    /// <summary>No log, because a log costs time.</summary>
    None = 0,

    /// <summary>Notes of the verifier without instructions, and the statistics; for a rejected program, the path to the failure (<c>BPF_LOG_LEVEL1</c>).</summary>
    Brief = 1,

    /// <summary>Every instruction of every path through the program, with the registers (<c>BPF_LOG_LEVEL2</c>): large.</summary>
    States = 2,

    /// <summary>The verifier's statistics (<c>BPF_LOG_STATS</c>, 5.2).</summary>
    Statistics = 4,
}

/// <summary>A parsed verifier log: its text, and the sentence, instruction and C line found in it.</summary>
internal sealed record VerifierLog(string Text, string Reason, int? InstructionIndex, string? SourceFile, int? SourceLine)
{
    /// <summary>The start of a line that replaces an omitted part of a log.</summary>
    internal const string Gap = "... ";

    /// <summary>The verifier's report in words (7.3); null if the kernel wrote none.</summary>
    internal BpfVerifierReport? Report { get; init; }

    /// <summary>Reads a log of either form. The report of newer kernels follows the classic log, which they write too.</summary>
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
