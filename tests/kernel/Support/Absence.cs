namespace Hypermesh.Bpf.Tests.Kernel.Support;

/// <summary>How older kernels answer what they have not. Any other answer is a failure.</summary>
internal static class Absence
{
    private static readonly string[] s_sleep = ["programs can be sleepable", "is not sleepable"];
    private static readonly string[] s_helper = ["unknown func", "invalid func", "cannot use helper"];

    /// <summary>Programs of that kind, or at that place, may not sleep.</summary>
    internal static bool OfSleep(BpfSyscallException answer) => Says(answer, s_sleep);

    /// <summary>The helper is not there, or not for programs of that kind.</summary>
    internal static bool OfHelper(BpfSyscallException answer) => Says(answer, s_helper);

    /// <summary>The number of the way of attaching is not known: EINVAL without a sentence of the verifier's, when the program is loaded or when it is attached.</summary>
    internal static bool OfAttachType(BpfSyscallException answer)
        => answer.Errno == Errno.EINVAL && answer.Command is BpfCommand.ProgramLoad or BpfCommand.LinkCreate
            && (answer is not BpfVerifierException refusal || refusal.Reason == Errno.Describe(Errno.EINVAL));

    /// <summary>As <see cref="OfAttachType"/>, for one that may sleep: some kernels look at that first.</summary>
    internal static bool OfSleepingAttachType(BpfSyscallException answer) => OfAttachType(answer) || OfSleep(answer);

    /// <summary>The iterator is not there, may not sleep, or takes no target: E2BIG or EINVAL from linking.</summary>
    internal static bool OfIterator(BpfSyscallException answer)
        => answer is BpfFeatureNotSupportedException || OfSleep(answer)
            || (answer.Command == BpfCommand.LinkCreate && answer.Errno is Errno.E2BIG or Errno.EINVAL);

    /// <summary>A feature that was tried when the call failed, and found absent.</summary>
    internal static bool OfTriedFeature(BpfFeatureNotSupportedException answer)
        => Enum.GetValues<BpfFeature>().Any(feature => FeatureNeeds.Of(feature).Name == answer.Feature && BpfFeatures.Current.Check(feature).State == BpfFeatureState.Absent);

    private static bool Says(BpfSyscallException answer, string[] words)
        => answer is BpfVerifierException { Errno: Errno.EINVAL } refusal && words.Any(one => refusal.Reason.Contains(one, StringComparison.Ordinal));
}
