using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Hypermesh.Bpf.Features;

/// <summary>
/// The test for one feature: tries it once for each kernel, with the smallest map, program or call that needs it, and keeps the answer. A test lies beside what it tests;
/// <see cref="BpfFeatures"/> puts them together for users.
/// </summary>
/// <param name="feature">The feature.</param>
/// <param name="attempt">Tries it: the result is at least 0, or the negative errno.</param>
internal sealed class FeatureTest(BpfFeature feature, Func<IKernel, long> attempt)
{
    private static readonly ConditionalWeakTable<IKernel, ConcurrentDictionary<BpfFeature, BpfFeatureResult>> s_known = [];

    internal BpfFeature Feature => feature;

    private string Name => feature.ToString();

    /// <summary>Tries the feature, or returns what trying it showed before.</summary>
    internal BpfFeatureResult Check(IKernel kernel)
    {
        if (KnownOf(kernel).TryGetValue(feature, out BpfFeatureResult known))
        {
            return known;
        }

        BpfFeatureResult result = BpfFeatureResult.Of(Name, attempt(kernel));

        // A refusal may end with the next capability; what the kernel has does not change.
        return result.State == BpfFeatureState.Refused ? result : KnownOf(kernel).GetOrAdd(feature, result);
    }

    /// <summary>True unless trying showed that the kernel lacks it: a refusal is left to the call that really needs it, which reports the reason.</summary>
    internal bool Has(IKernel kernel) => Check(kernel).State != BpfFeatureState.Absent;

    /// <summary>Keeps that the feature works, after something that needs it was done without trying it first.</summary>
    internal void Learn(IKernel kernel) => KnownOf(kernel).TryAdd(feature, new BpfFeatureResult(Name, BpfFeatureState.Supported, ""));

    private static ConcurrentDictionary<BpfFeature, BpfFeatureResult> KnownOf(IKernel kernel) => s_known.GetValue(kernel, static _ => new());
}

/// <summary>What an answer of the kernel's to a trial means.</summary>
internal static class FeatureAnswer
{
    // Errors that do not show whether the kernel has the feature: rights, memory, descriptors, signals.
    private static readonly HashSet<int> s_refusals = [Errno.EPERM, Errno.EACCES, Errno.ENOMEM, Errno.EMFILE, Errno.ENFILE, Errno.EAGAIN, Errno.EINTR];

    /// <param name="result">At least 0, or the negative errno.</param>
    internal static (BpfFeatureState State, string Detail) Read(long result)
    {
        int errno = (int)-result;
        return result >= 0
            ? (BpfFeatureState.Supported, "")
            : (s_refusals.Contains(errno) ? BpfFeatureState.Refused : BpfFeatureState.Absent, $"{Errno.Name(errno)}: {Errno.Describe(errno)}");
    }
}
