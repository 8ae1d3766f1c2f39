namespace Hypermesh.Bpf;

/// <summary>What a verifier log says: its text, and the sentence, instruction and C line found in it.</summary>
internal sealed record VerifierLog(string Text, string Reason, int? InstructionIndex, string? SourceFile, int? SourceLine)
{
    /// <summary>The beginning of a line that stands for an omitted part of a log.</summary>
    internal const string Gap = "... ";

    /// <summary>What the kernel explains of the failure in words (7.3), null where it wrote no such report.</summary>
    internal VerifierReport? Report { get; init; }

    /// <summary>Reads a log of either form. The report of newer kernels stands behind the classic log, which they write as well.</summary>
    internal static VerifierLog Parse(string text)
    {
        int start = VerifierReportReader.StartOf(text);
        if (start < 0)
        {
            return ClassicLogReader.Read(text, text);
        }

        VerifierReport report = VerifierReportReader.Read(text.AsSpan(start));
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
