using Hypermesh.Bpf.Features;
using Hypermesh.Bpf.Loading.Programs;

namespace Hypermesh.Bpf.Probing;

/// <summary>
/// Whether programs of a type may call a helper: a program that calls it, with nothing prepared. A verifier that objects to the call's arguments has let the
/// call pass.
/// </summary>
internal static class HelperProbes
{
    // The verifier's words over the years for a helper it has not, and for one that is not for this type.
    private static readonly string[] s_refusals = ["invalid func ", "unknown func ", "program of this type cannot use helper "];

    // What a program of these may call depends on the function it is to be.
    private static readonly HashSet<BpfProgramType> s_undecided = [BpfProgramType.Ext, BpfProgramType.StructOps];

    internal static BpfFeatureResult Try(IKernel kernel, string subject, BpfProgramType type, int helper)
    {
        if (s_undecided.Contains(type))
        {
            return new BpfFeatureResult(subject, BpfFeatureState.Refused, "what it may call depends on the function it stands in for");
        }

        ProgramLoader.Outcome outcome = ProbeProgram.Of(type).Load(kernel, type, ProbeCode.Call(helper), ProbeCode.Exit());
        FeatureAttempt.Close(kernel, outcome.Result);
        if (outcome.Result >= 0 || outcome.Log.Length == 0)
        {
            return BpfFeatureResult.Of(subject, outcome.Result);
        }

        string reason = VerifierLog.Parse(outcome.Log).Reason;
        return Array.Exists(s_refusals, words => outcome.Log.Contains(words, StringComparison.Ordinal))
            ? new BpfFeatureResult(subject, BpfFeatureState.Absent, reason)
            : new BpfFeatureResult(subject, BpfFeatureState.Supported, "");
    }
}
