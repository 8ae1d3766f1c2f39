namespace Hypermesh.Bpf.Loading;

/// <summary>
/// Finds out whether the kernel's policy refuses a program, or every program of its kind for its target: when a program was refused although no capability is missing, the smallest
/// program of the same kind is loaded for the same target.
/// </summary>
internal static class SmallestProgram
{
    /// <summary>Returns what that shows, as a sentence for the error message; null when it shows nothing, or when a capability is missing.</summary>
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
            return $"The smallest program of this kind is accepted ({kind}), so only this program is refused.";
        }

        return outcome.Result == refused.Result ? $"The kind is refused, not this program alone: the smallest program of this kind is refused too ({kind})." : null;
    }
}
