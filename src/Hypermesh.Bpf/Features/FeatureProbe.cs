using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Hypermesh.Bpf.Features;

/// <summary>
/// The probe of one feature: tries it once for each kernel, with the smallest map, program or call that needs it, and caches the result. Each probe is next to the code it is for;
/// <see cref="BpfFeatures"/> collects them for users.
/// </summary>
/// <param name="feature">The feature.</param>
/// <param name="attempt">Tries it: the result is at least 0, or the negative errno.</param>
internal sealed class FeatureProbe(BpfFeature feature, Func<IKernel, long> attempt)
{
    private static readonly ConditionalWeakTable<IKernel, ConcurrentDictionary<BpfFeature, BpfFeatureResult>> s_known = [];

    internal BpfFeature Feature => feature;

    private string Name => feature.ToString();

    /// <summary>Probes the feature, or returns the cached result.</summary>
    internal BpfFeatureResult Check(IKernel kernel)
    {
        if (KnownOf(kernel).TryGetValue(feature, out BpfFeatureResult known))
        {
            return known;
        }

        BpfFeatureResult result = BpfFeatureResult.Of(Name, attempt(kernel));

        // A denied probe may succeed with another capability; what the kernel supports does not change.
        return result.State == BpfFeatureState.Refused ? result : KnownOf(kernel).GetOrAdd(feature, result);
    }

    /// <summary>False only if the probe showed that the kernel does not support it: after a denied probe, the call that needs the feature reports the reason.</summary>
    internal bool Has(IKernel kernel) => Check(kernel).State != BpfFeatureState.Absent;

    /// <summary>Records that the feature works, after a call that needs it succeeded without a probe.</summary>
    internal void Learn(IKernel kernel) => KnownOf(kernel).TryAdd(feature, new BpfFeatureResult(Name, BpfFeatureState.Supported, ""));

    private static ConcurrentDictionary<BpfFeature, BpfFeatureResult> KnownOf(IKernel kernel) => s_known.GetValue(kernel, static _ => new());
}

/// <summary>Interprets the kernel's answer to a probe.</summary>
internal static class FeatureAnswer
{
    // Errors that do not show whether the kernel supports the feature: permissions, memory, descriptors, signals.
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
