using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Hypermesh.Bpf;

/// <summary>What the running kernel has, found by trying each feature once. Trying needs the capabilities the feature needs; without them the answer is "refused", and is not kept.</summary>
public sealed class BpfFeatures
{
    private static readonly ConditionalWeakTable<IKernel, BpfFeatures> s_known = [];

    private readonly IKernel _kernel;
    private readonly ConcurrentDictionary<BpfFeature, BpfFeatureResult> _results = new();

    private BpfFeatures(IKernel kernel) => _kernel = kernel;

    /// <summary>Those of the running kernel.</summary>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static BpfFeatures Current => Of(LinuxKernel.Instance);

    /// <summary>Tries a feature, or says what trying it showed before.</summary>
    /// <param name="feature">The feature.</param>
    public BpfFeatureResult Check(BpfFeature feature)
    {
        if (_results.TryGetValue(feature, out BpfFeatureResult known))
        {
            return known;
        }

        BpfFeatureResult result = Try(feature);

        // A refusal may end with the next capability; what the kernel has does not change.
        return result.State == BpfFeatureState.Refused ? result : _results.GetOrAdd(feature, result);
    }

    /// <summary>True unless trying showed that the kernel has it not: a refusal is left to the call that really needs it, which says why.</summary>
    /// <param name="feature">The feature.</param>
    public bool Has(BpfFeature feature) => Check(feature).State != BpfFeatureState.Absent;

    /// <summary>Keeps that something works which was done without trying it first.</summary>
    internal void Learn(BpfFeature feature) => _results.TryAdd(feature, new BpfFeatureResult(feature, BpfFeatureState.Supported, ""));

    internal static BpfFeatures Of(IKernel kernel) => s_known.GetValue(kernel, static k => new BpfFeatures(k));

    private BpfFeatureResult Try(BpfFeature feature)
    {
        long result = FeatureProbes.Try(_kernel, feature);
        return (int)-result switch
        {
            <= 0 => new BpfFeatureResult(feature, BpfFeatureState.Supported, ""),
            Errno.EPERM or Errno.EACCES or Errno.ENOMEM or Errno.EMFILE
                => new BpfFeatureResult(feature, BpfFeatureState.Refused, Describe(result)),
            _ => new BpfFeatureResult(feature, BpfFeatureState.Absent, Describe(result)),
        };
    }

    private static string Describe(long result) => $"{Errno.Name((int)-result)}: {Errno.Describe((int)-result)}";
}
