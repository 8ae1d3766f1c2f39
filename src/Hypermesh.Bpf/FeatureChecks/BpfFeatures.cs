using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Hypermesh.Bpf.Btf;
using Hypermesh.Bpf.Features;
using Hypermesh.Bpf.Loading.Programs;
using Hypermesh.Bpf.Maps;
using Hypermesh.Bpf.Objects.Instructions;
using Hypermesh.Bpf.FeatureChecks;

namespace Hypermesh.Bpf;

/// <summary>
/// Probes what the running kernel supports, each thing once; it attaches nothing that could run. A probe needs the capabilities of the probed thing: without them the answer is "refused", and is not
/// cached.
/// </summary>
public sealed class BpfFeatures
{
    private static readonly ConditionalWeakTable<IKernel, BpfFeatures> s_known = [];

    // One class for each group of features; a new feature is a test in one of them.
    private static readonly Dictionary<BpfFeature, FeatureProbe> s_tests =
        new[] { KernelFeatures.All, TypeFeatures.All, MapFeatures.All, LinkFeatures.All, ProgramFeatures.All, [SyscallWrapper.Test] }
            .SelectMany(static group => group).ToDictionary(static test => test.Feature);

    private readonly IKernel _kernel;
    private readonly ConcurrentDictionary<string, BpfFeatureResult> _kinds = new(StringComparer.Ordinal);
    private KernelOptions? _options;

    private BpfFeatures(IKernel kernel) => _kernel = kernel;

    /// <summary>The features of the running kernel.</summary>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static BpfFeatures Current => Of(LinuxKernel.Instance);

    /// <summary>Returns whether a feature can be used now: the running kernel supports it, and the probe was not denied.</summary>
    /// <param name="feature">The feature.</param>
    /// <returns>False if the kernel does not support it, if the probe was denied (<see cref="Check(BpfFeature)"/> distinguishes the two), or if this is not Linux.</returns>
    public static bool IsSupported(BpfFeature feature) => OperatingSystem.IsLinux() && Current.Check(feature).State == BpfFeatureState.Supported;

    /// <summary>Returns whether programs of a type can be loaded now. Requires the capabilities of <see cref="BpfObject.Load"/>.</summary>
    /// <param name="type">The type.</param>
    /// <returns>False if the kernel does not support it, if the probe was denied (<see cref="Check(BpfProgramType)"/> distinguishes the two), or if this is not Linux.</returns>
    public static bool IsSupported(BpfProgramType type) => OperatingSystem.IsLinux() && Current.Check(type).State == BpfFeatureState.Supported;

    /// <summary>Returns whether maps of a type can be created now. Requires CAP_BPF, and CAP_NET_ADMIN for the maps of XDP.</summary>
    /// <param name="type">The type.</param>
    /// <returns>False if the kernel does not support it, if the probe was denied (<see cref="Check(BpfMapType)"/> distinguishes the two), or if this is not Linux.</returns>
    public static bool IsSupported(BpfMapType type) => OperatingSystem.IsLinux() && Current.Check(type).State == BpfFeatureState.Supported;

    /// <summary>Returns whether links of a type can be created now. Requires the capabilities of attaching with such a link.</summary>
    /// <param name="type">The link type.</param>
    /// <returns>False if the kernel does not support it, if the probe was denied (<see cref="Check(BpfLinkType)"/> distinguishes the two), or if this is not Linux.</returns>
    public static bool IsSupported(BpfLinkType type) => OperatingSystem.IsLinux() && Current.Check(type).State == BpfFeatureState.Supported;

    /// <summary>Returns whether programs of a type can call a helper now. Requires the capabilities of <see cref="BpfObject.Load"/>.</summary>
    /// <param name="type">The program type.</param>
    /// <param name="helper">The helper's name, such as <c>bpf_loop</c>.</param>
    /// <returns>False if the kernel does not support it, if the probe was denied (<see cref="CheckHelper(BpfProgramType, string)"/> distinguishes the two), or if this is not Linux.</returns>
    /// <exception cref="ArgumentException">No known helper has that name.</exception>
    public static bool IsSupported(BpfProgramType type, string helper) => OperatingSystem.IsLinux() && Current.CheckHelper(type, helper).State == BpfFeatureState.Supported;

    /// <summary>Probes a feature, or returns the cached result.</summary>
    /// <param name="feature">The feature.</param>
    public BpfFeatureResult Check(BpfFeature feature) => TestOf(feature).Check(_kernel);

    /// <summary>Probes whether the kernel supports a program type. Needs the capabilities of <see cref="BpfObject.Load"/>.</summary>
    /// <param name="type">The type.</param>
    /// <returns>The answer; it is cached unless it is "refused".</returns>
    public BpfFeatureResult Check(BpfProgramType type) => Keep($"program type {type}", subject => BpfFeatureResult.Of(subject, ProgramTypeProbes.Try(_kernel, type)));

    /// <summary>Probes whether the kernel supports a map type. Needs CAP_BPF, and CAP_NET_ADMIN for the maps of XDP.</summary>
    /// <param name="type">The type.</param>
    /// <returns>The answer; it is cached unless it is "refused".</returns>
    public BpfFeatureResult Check(BpfMapType type) => Keep($"map type {type}", subject => BpfFeatureResult.Of(subject, MapTypeProbes.Try(_kernel, type)));

    /// <summary>Probes whether the kernel supports a link type. Needs the capabilities of attaching with such a link.</summary>
    /// <param name="type">The link type.</param>
    /// <returns>The answer; it is cached unless it is "refused", which is also the answer for a type that cannot be probed.</returns>
    public BpfFeatureResult Check(BpfLinkType type) => Keep($"link type {type}", subject => LinkKindProbes.Try(_kernel, type) is { } answer
        ? BpfFeatureResult.Of(subject, answer)
        : new BpfFeatureResult(subject, BpfFeatureState.Refused, "it cannot be probed"));

    /// <summary>Probes whether programs of a type can call a helper. Needs the capabilities of <see cref="BpfObject.Load"/>.</summary>
    /// <param name="type">The program type. What struct_ops and freplace programs can call depends on the function: for them the answer is "refused".</param>
    /// <param name="helper">The helper's number (<c>enum bpf_func_id</c>).</param>
    /// <returns>The answer; it is cached unless it is "refused".</returns>
    public BpfFeatureResult CheckHelper(BpfProgramType type, int helper)
        => Keep($"{BpfHelpers.NameOf(helper) ?? $"helper {helper}"} in {type}", subject => HelperProbes.Try(_kernel, subject, type, helper));

    /// <summary>Probes whether programs of a type can call a helper.</summary>
    /// <param name="type">The program type.</param>
    /// <param name="helper">The helper's name, such as <c>bpf_loop</c>.</param>
    /// <returns>The answer; it is cached unless it is "refused".</returns>
    /// <exception cref="ArgumentException">No known helper has that name.</exception>
    public BpfFeatureResult CheckHelper(BpfProgramType type, string helper)
    {
        int number = BpfHelpers.NumberOf(helper);
        return number > 0 ? CheckHelper(type, number) : throw new ArgumentException($"'{helper}' is not a helper. Kernel functions (kfuncs) are not helpers.", nameof(helper));
    }

    /// <summary>Reads an option from the kernel's configuration; needs a readable <c>/boot/config-…</c> or <c>/proc/config.gz</c>.</summary>
    /// <param name="name">The option, such as <c>CONFIG_BPF_JIT</c>.</param>
    /// <returns>"Supported" with the value if it is set, "absent" if it is not, "refused" if no configuration can be read.</returns>
    public BpfFeatureResult CheckOption(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        _options ??= KernelOptions.TryRead(_kernel);
        return _options?.Check(name) ?? new BpfFeatureResult(name, BpfFeatureState.Refused, "the kernel's configuration cannot be read");
    }

    /// <summary>Returns false only if the probe showed that the kernel does not support the feature: after a denied probe, the call that needs the feature reports the reason.</summary>
    /// <param name="feature">The feature.</param>
    public bool Has(BpfFeature feature) => Check(feature).State != BpfFeatureState.Absent;

    internal static BpfFeatures Of(IKernel kernel) => s_known.GetValue(kernel, static k => new BpfFeatures(k));

    internal static FeatureProbe TestOf(BpfFeature feature)
        => s_tests.TryGetValue(feature, out FeatureProbe? test) ? test : throw new ArgumentOutOfRangeException(nameof(feature), feature, "Not a feature.");

    private BpfFeatureResult Keep(string subject, Func<string, BpfFeatureResult> attempt)
    {
        if (_kinds.TryGetValue(subject, out BpfFeatureResult known))
        {
            return known;
        }

        BpfFeatureResult result = Try(subject, attempt);
        return result.State == BpfFeatureState.Refused ? result : _kinds.GetOrAdd(subject, result);
    }

    // The target of a probe is found in the kernel's types; without them there is no target.
    private static BpfFeatureResult Try(string subject, Func<string, BpfFeatureResult> attempt)
    {
        try
        {
            return attempt(subject);
        }
        catch (BpfSyscallException reason)
        {
            return new BpfFeatureResult(subject, reason is BpfFeatureNotSupportedException ? BpfFeatureState.Absent : BpfFeatureState.Refused, reason.Message);
        }
    }
}
