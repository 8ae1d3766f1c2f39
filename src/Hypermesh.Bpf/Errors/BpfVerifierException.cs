namespace Hypermesh.Bpf;

/// <summary>The verifier refused a program.</summary>
public sealed class BpfVerifierException : BpfSyscallException
{
    internal BpfVerifierException(string message, int errno, VerifierLog log, string? objectName, string? subjectName, string? sourceFile = null, int? sourceLine = null)
        : base(message, "BPF_PROG_LOAD", BpfCommand.ProgramLoad, errno, objectName, subjectName)
    {
        Reason = log.Reason;
        InstructionIndex = log.InstructionIndex;
        SourceFile = sourceFile ?? log.SourceFile;
        SourceLine = sourceLine ?? log.SourceLine;
        Log = log.Text;
        Report = log.Report;
    }

    /// <summary>The verifier's own sentence: what it could not accept.</summary>
    public string Reason { get; }

    /// <summary>The instruction it stopped at, counted from 0 in the program as loaded; null when the log does not say.</summary>
    public int? InstructionIndex { get; }

    /// <summary>The C file that instruction came from, null without line information.</summary>
    public string? SourceFile { get; }

    /// <summary>The line in <see cref="SourceFile"/>, from 1; null without line information.</summary>
    public int? SourceLine { get; }

    /// <summary>What the kernel explains in words (7.3), null where it wrote no such report.</summary>
    public VerifierReport? Report { get; }

    /// <summary>The whole log as the kernel wrote it; empty when the kernel wrote none, and in part when it is larger than 256 MiB.</summary>
    public string Log { get; }
}
