using Hypermesh.Bpf.Features;
using Hypermesh.Bpf.Loading.Programs;

namespace Hypermesh.Bpf.FeatureChecks;

/// <summary>
/// Probes whether programs of a type can call a helper, with a program that calls it without arguments. A verifier that rejects the call's arguments has accepted the
/// call itself.
/// </summary>
internal static class HelperProbes
{
    // The verifier's sentences, in different versions, for an unknown helper and for one that is not for this type.
    private static readonly string[] s_refusals = ["invalid func ", "unknown func ", "program of this type cannot use helper "];

    // What programs of these types can call depends on the target function.
    private static readonly HashSet<BpfProgramType> s_undecided = [BpfProgramType.Ext, BpfProgramType.StructOps];

    internal static BpfFeatureResult Try(IKernel kernel, string subject, BpfProgramType type, int helper)
    {
        if (s_undecided.Contains(type))
        {
            return new BpfFeatureResult(subject, BpfFeatureState.Refused, "what it can call depends on its target function");
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
