namespace Hypermesh.Bpf.Loading;

/// <summary>
/// A kernel's policy may refuse every program of a kind or for a target. When a program was refused without a missing capability, loading the smallest program of the same kind
/// for the same target tells that from a refusal of this program alone.
/// </summary>
internal static class SmallestProgram
{
    /// <summary>Returns what loading it shows, as a sentence for the error message; null where it shows nothing, or where a capability is missing.</summary>
    internal static string? Compare(IKernel kernel, ProgramCode code, ProgramLoader.Outcome refused)
    {
        if (refused.Result is not (-Errno.EPERM or -Errno.EACCES) || ProcessPrivileges.Read(kernel).Missing(code.Needs | Capabilities.Bpf, BpfCommand.ProgramLoad) != Capabilities.None)
        {
            return null;
        }

        string kind = code.SectionName.Length > 0 ? $"SEC(\"{code.SectionName}\")" : code.ExpectedAttachType == 0 ? $"{code.Type}" : $"{code.Type}, {code.ExpectedAttachType}";
        ProgramLoader.Outcome outcome = ProgramLoader.Load(kernel, code with
        {
            Name = "smallest",
            Instructions = [ProbeCode.Move(0, 0), ProbeCode.Exit()],
            Btf = null,
            FunctionModules = [],
            Functions = [],
            Lines = [],
            LogLevel = VerifierLogLevel.None,
        });
        if (outcome.Result >= 0)
        {
            kernel.Close((int)outcome.Result);
            return $"The smallest program of this kind is accepted ({kind}), so it is this program that is refused.";
        }

        return outcome.Result == refused.Result ? $"The kind is refused, not this program alone: the smallest program of this kind is refused too ({kind})." : null;
    }
}
