using Hypermesh.Bpf.Features;
using Hypermesh.Bpf.Loading.Programs;

namespace Hypermesh.Bpf.FeatureChecks;

/// <summary>Probes program types: with the smallest program of a type, or with a mistake that only a kernel with that type reports.</summary>
internal static class ProgramTypeProbes
{
    // Types whose programs cannot be loaded alone: for each, the mistake, and the answer of a kernel that supports the type.
    private static readonly Dictionary<BpfProgramType, (ProbeProgram Load, int Errno, string Words)> s_mistakes = new()
    {
        [BpfProgramType.Ext] = (new(Target: static _ => 1), Errno.EINVAL, "Cannot replace kernel functions"),
        [BpfProgramType.StructOps] = (new(), Errno.ENOTSUPP, ""),
    };

    internal static long Try(IKernel kernel, BpfProgramType type)
    {
        bool isMistaken = s_mistakes.TryGetValue(type, out (ProbeProgram Load, int Errno, string Words) mistake);
        ProgramLoader.Outcome outcome = (isMistaken ? mistake.Load : ProbeProgram.Of(type)).Load(kernel, type, ProbeCode.Move(0, 0), ProbeCode.Exit());
        return isMistaken && outcome.Result == -mistake.Errno && outcome.Log.Contains(mistake.Words, StringComparison.Ordinal)
            ? 0
            : FeatureAttempt.Close(kernel, outcome.Result);
    }
}
