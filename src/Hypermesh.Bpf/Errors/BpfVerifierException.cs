namespace Hypermesh.Bpf;

/// <summary>The verifier rejected a program.</summary>
public sealed class BpfVerifierException : BpfSyscallException
{
    private const int LastLines = 20;

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

    /// <summary>The verifier's own sentence about what it rejected; two or three sentences are separated by semicolons.</summary>
    public string Reason { get; }

    /// <summary>The instruction it stopped at, counted from 0 in the program as loaded; null when the log does not say.</summary>
    public int? InstructionIndex { get; }

    /// <summary>The C file that instruction came from, null without line information.</summary>
    public string? SourceFile { get; }

    /// <summary>The line in <see cref="SourceFile"/>, from 1; null without line information.</summary>
    public int? SourceLine { get; }

    /// <summary>The verifier's report in words (7.3); null if the kernel wrote none.</summary>
    public BpfVerifierReport? Report { get; }

    /// <summary>
    /// The log as the kernel wrote it; empty when the kernel wrote none. A log of more than 4 MiB (the log of a program that is too complex has tens of megabytes) is cut to its end, before
    /// 6.4 to its beginning and its last sentences, with a line that says so. With <see cref="BpfLoadOptions.VerifierLog"/> it is complete up to 256 MiB.
    /// </summary>
    public string Log { get; }

    /// <summary>The message, the stack trace and the last lines of <see cref="Log"/>.</summary>
    public override string ToString()
    {
        string log = Log.TrimEnd();
        int start = log.Length;
        for (int lines = 0; lines < LastLines && start > 0; lines++)
        {
            start = log.LastIndexOf('\n', start - 1);
        }

        return log.Length == 0 ? base.ToString() : $"{base.ToString()}{Environment.NewLine}{(start > 0 ? "The end of the verifier's log (the property Log has all of it):" : "The verifier's log:")}{Environment.NewLine}{log[(start + 1)..]}";
    }
}
