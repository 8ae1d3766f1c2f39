using System.Globalization;
using System.Text.RegularExpressions;
using Hypermesh.Bpf.Features;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.ProgramLinking;
using Hypermesh.Bpf.Telemetry;

namespace Hypermesh.Bpf.Loading.Programs;

/// <summary>Explains why a program was rejected: the verifier's sentence, the C line, and what the loader knows about the instruction.</summary>
internal static partial class VerifierFailure
{
    // Features that a kernel may not support at all; older kernels report that with other errors.
    private static readonly Dictionary<BpfAttachType, FeatureProbe> s_features = new()
    {
        [BpfAttachType.TraceFEntryMulti] = LinkFeatures.TracingMultiLink,
        [BpfAttachType.TraceFExitMulti] = LinkFeatures.TracingMultiLink,
        [BpfAttachType.TraceFSessionMulti] = LinkFeatures.TracingMultiLink,
    };

    internal static BpfSyscallException Of(IKernel kernel, ProgramCode code, ProgramLoader.Outcome outcome, LinkedProgram? linked, BtfTypes? types, IReadOnlyList<PoisonedInstruction> poisoned)
    {
        string what = code.ObjectName is null ? $"Loading program {code.Name} ({code.Type})" : $"Loading program {code.Name} ({code.Type}) of {code.ObjectName}";
        FeatureProbe? feature = code.Type == BpfProgramType.Syscall ? KernelFeatures.SyscallProgram
            : s_features.TryGetValue(code.ExpectedAttachType, out FeatureProbe? known) ? known : null;
        VerifierLog log = VerifierLog.Parse(outcome.Log);
        if (outcome.Log.Length == 0 || IsPolicy(outcome, log) || (outcome.Result == -Errno.EINVAL && feature?.Has(kernel) == false))
        {
            return FeatureErrors.Of(kernel, BpfCommand.ProgramLoad, outcome.Result, what, code.Needs, code.ObjectName, code.Name, feature, SmallestProgram.Compare(kernel, code, outcome));
        }

        int errno = (int)-outcome.Result;
        BpfMetrics.Failed("BPF_PROG_LOAD", errno);
        (string? file, int? line, string text) = Place(log, linked, types);
        string where = file is null ? "" : text.Length == 0 ? $" at {file}:{line}" : $" at {file}:{line} (\"{text}\")";
        // A verifier that stops early (for a signal, for lack of memory) writes statistics and no sentence.
        string reason = MissingAt(log, poisoned) ?? (log.Reason.Length > 0 ? log.Reason : Errno.Describe(errno));
        return new BpfVerifierException(
            $"The verifier rejected program {code.Name}{(code.ObjectName is null ? "" : " of " + code.ObjectName)}{where}: {reason} ({Errno.Name(errno)}).{Advice(log, reason, linked, types)}{(text == "}" ? Origin(log, linked!, types!, line) : "")}",
            errno, log with { Reason = reason }, code.ObjectName, code.Name, file, line);
    }

    // A policy can refuse a program after the verifier has accepted it: the log then has statistics and no sentence.
    private static bool IsPolicy(ProgramLoader.Outcome outcome, VerifierLog log) => outcome.Result == -Errno.EPERM && log.Reason.Length == 0;

    // The kernel's own report knows more about the error than our table.
    private static string Advice(VerifierLog log, string reason, LinkedProgram? linked, BtfTypes? types)
        => log.Report is { } report && report.Explanation.Length + report.Suggestion.Length > 0
            ? string.Concat(Spaced(report.Explanation), Spaced(report.Suggestion))
            : StalePacket.Explain(log, reason, linked, types) ?? VerifierHint.For(reason);

    // Every return of a function goes to its closing brace. The path to it ends the log.
    private static string Origin(VerifierLog log, LinkedProgram linked, BtfTypes types, int? end)
    {
        foreach (Match step in Steps().Matches(log.Text))
        {
            string digits = step.Groups["from"].Success ? step.Groups["from"].Value : step.Groups["at"].Value;
            if (int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && linked.LineOf(index) is { } line && line.Line != end)
            {
                return $" The failing path comes here from line {line.Line} (\"{types.GetString(line.TextOffset).Trim()}\").";
            }
        }

        return "";
    }

    private static string Spaced(string sentence) => sentence.Length == 0 ? "" : " " + sentence;

    // The log has the line only where the kernel prints it; the object's line info has it for each instruction.
    private static (string? File, int? Line, string Text) Place(VerifierLog log, LinkedProgram? linked, BtfTypes? types)
    {
        if (log.InstructionIndex is { } index && types is not null && linked?.LineOf(index) is { } line)
        {
            return (types.GetString(line.FileNameOffset), line.Line, types.GetString(line.TextOffset).Trim());
        }

        return (log.SourceFile, log.SourceLine, "");
    }

    private static string? MissingAt(VerifierLog log, IReadOnlyList<PoisonedInstruction> poisoned)
    {
        foreach (PoisonedInstruction instruction in poisoned)
        {
            if (instruction.Index == log.InstructionIndex)
            {
                return instruction.Reason;
            }
        }

        return null;
    }

    // "20: (95) exit", "from 14 to 20: R0=1 …"; the last first.
    [GeneratedRegex(@"^(?:from (?<from>\d+) to \d+:|(?<at>\d+): \()", RegexOptions.Multiline | RegexOptions.RightToLeft)]
    private static partial Regex Steps();
}
