using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Hypermesh.Bpf.Btf;
using Hypermesh.Bpf.Features;
using Hypermesh.Bpf.Loading.Programs;
using Hypermesh.Bpf.Maps;
using Hypermesh.Bpf.Objects.Instructions;
using Hypermesh.Bpf.Probing;

namespace Hypermesh.Bpf;

/// <summary>
/// What the running kernel has, found by trying each thing once; it attaches nothing that could run. Trying needs the capabilities the thing needs: without them the answer is "refused", and is not
/// kept.
/// </summary>
public sealed class BpfFeatures
{
    private static readonly ConditionalWeakTable<IKernel, BpfFeatures> s_known = [];

    // One table for each group of features; a new feature is a row in one of them.
    private static readonly Dictionary<BpfFeature, FeatureTest> s_tests =
        new[] { KernelFeatures.All, TypeFeatures.All, MapFeatures.All, LinkFeatures.All, ProgramFeatures.All, [SyscallWrapper.Test] }
            .SelectMany(static group => group).ToDictionary(static test => test.Feature);

    private readonly IKernel _kernel;
    private readonly ConcurrentDictionary<string, BpfFeatureResult> _kinds = new(StringComparer.Ordinal);
    private KernelOptions? _options;

    private BpfFeatures(IKernel kernel) => _kernel = kernel;

    /// <summary>Those of the running kernel.</summary>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static BpfFeatures Current => Of(LinuxKernel.Instance);

    /// <summary>Whether a feature can be used here and now: the running kernel has it, and trying it was not refused.</summary>
    /// <param name="feature">The feature.</param>
    /// <returns>False where the kernel lacks it, where trying it was refused (<see cref="Check(BpfFeature)"/> tells the two apart), and elsewhere than on Linux.</returns>
    public static bool IsSupported(BpfFeature feature) => OperatingSystem.IsLinux() && Current.Check(feature).State == BpfFeatureState.Supported;

    /// <summary>Whether programs of a type can be loaded here and now. Requires the capabilities of <see cref="BpfObject.Load"/>.</summary>
    /// <param name="type">The type.</param>
    /// <returns>False where the kernel lacks it, where trying it was refused (<see cref="Check(BpfProgramType)"/> tells the two apart), and elsewhere than on Linux.</returns>
    public static bool IsSupported(BpfProgramType type) => OperatingSystem.IsLinux() && Current.Check(type).State == BpfFeatureState.Supported;

    /// <summary>Whether maps of a type can be created here and now. Requires CAP_BPF, and CAP_NET_ADMIN for the maps of XDP.</summary>
    /// <param name="type">The type.</param>
    /// <returns>False where the kernel lacks it, where trying it was refused (<see cref="Check(BpfMapType)"/> tells the two apart), and elsewhere than on Linux.</returns>
    public static bool IsSupported(BpfMapType type) => OperatingSystem.IsLinux() && Current.Check(type).State == BpfFeatureState.Supported;

    /// <summary>Whether links of a kind can be made here and now. Requires what attaching by it requires.</summary>
    /// <param name="type">The kind.</param>
    /// <returns>False where the kernel lacks it, where trying it was refused (<see cref="Check(BpfLinkType)"/> tells the two apart), and elsewhere than on Linux.</returns>
    public static bool IsSupported(BpfLinkType type) => OperatingSystem.IsLinux() && Current.Check(type).State == BpfFeatureState.Supported;

    /// <summary>Whether programs of a type can call a helper here and now. Requires the capabilities of <see cref="BpfObject.Load"/>.</summary>
    /// <param name="type">The program type.</param>
    /// <param name="helper">The helper's name, such as <c>bpf_loop</c>.</param>
    /// <returns>False where the kernel lacks it, where trying it was refused (<see cref="CheckHelper(BpfProgramType, string)"/> tells the two apart), and elsewhere than on Linux.</returns>
    /// <exception cref="ArgumentException">No helper known here has that name.</exception>
    public static bool IsSupported(BpfProgramType type, string helper) => OperatingSystem.IsLinux() && Current.CheckHelper(type, helper).State == BpfFeatureState.Supported;

    /// <summary>Tries a feature, or says what trying it showed before.</summary>
    /// <param name="feature">The feature.</param>
    public BpfFeatureResult Check(BpfFeature feature) => TestOf(feature).Check(_kernel);

    /// <summary>Whether the kernel has a program type. Needs the capabilities of <see cref="BpfObject.Load"/>.</summary>
    /// <param name="type">The type.</param>
    /// <returns>The answer; it is kept unless it is "refused".</returns>
    public BpfFeatureResult Check(BpfProgramType type) => Keep($"program type {type}", subject => BpfFeatureResult.Of(subject, ProgramTypeProbes.Try(_kernel, type)));

    /// <summary>Whether the kernel has a map type. Needs CAP_BPF, and CAP_NET_ADMIN for the maps of XDP.</summary>
    /// <param name="type">The type.</param>
    /// <returns>The answer; it is kept unless it is "refused".</returns>
    public BpfFeatureResult Check(BpfMapType type) => Keep($"map type {type}", subject => BpfFeatureResult.Of(subject, MapTypeProbes.Try(_kernel, type)));

    /// <summary>Whether the kernel has a kind of link. Needs what attaching by it needs.</summary>
    /// <param name="type">The kind.</param>
    /// <returns>The answer; it is kept unless it is "refused", which stands too for a kind there is no way to try.</returns>
    public BpfFeatureResult Check(BpfLinkType type) => Keep($"link type {type}", subject => LinkKindProbes.Try(_kernel, type) is { } answer
        ? BpfFeatureResult.Of(subject, answer)
        : new BpfFeatureResult(subject, BpfFeatureState.Refused, "there is no way to try it"));

    /// <summary>Whether programs of a type may call a helper. Needs the capabilities of <see cref="BpfObject.Load"/>.</summary>
    /// <param name="type">The program type. What struct_ops maps and replacements of functions may call depends on the function: for them the answer is "refused".</param>
    /// <param name="helper">The helper's number; <see cref="BpfHelpers.NumberOf"/> has it by name.</param>
    /// <returns>The answer; it is kept unless it is "refused".</returns>
    public BpfFeatureResult CheckHelper(BpfProgramType type, int helper)
        => Keep($"{BpfHelpers.NameOf(helper) ?? $"helper {helper}"} in {type}", subject => HelperProbes.Try(_kernel, subject, type, helper));

    /// <summary>Whether programs of a type may call a helper.</summary>
    /// <param name="type">The program type.</param>
    /// <param name="helper">The helper's name, such as <c>bpf_loop</c>.</param>
    /// <returns>The answer; it is kept unless it is "refused".</returns>
    /// <exception cref="ArgumentException">No helper known here has that name.</exception>
    public BpfFeatureResult CheckHelper(BpfProgramType type, string helper)
    {
        int number = BpfHelpers.NumberOf(helper);
        return number > 0 ? CheckHelper(type, number) : throw new ArgumentException($"'{helper}' is no helper; kernel functions are not helpers.", nameof(helper));
    }

    /// <summary>What the kernel's configuration says of an option; needs a readable <c>/boot/config-…</c> or <c>/proc/config.gz</c>.</summary>
    /// <param name="name">The option, such as <c>CONFIG_BPF_JIT</c>.</param>
    /// <returns>"Supported" with the value when it is set, "absent" when it is not, "refused" where no configuration can be read.</returns>
    public BpfFeatureResult CheckOption(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        _options ??= KernelOptions.TryRead(_kernel);
        return _options?.Check(name) ?? new BpfFeatureResult(name, BpfFeatureState.Refused, "the kernel's configuration cannot be read");
    }

    /// <summary>True unless trying showed that the kernel lacks it: a refusal is left to the call that really needs it, which says why.</summary>
    /// <param name="feature">The feature.</param>
    public bool Has(BpfFeature feature) => Check(feature).State != BpfFeatureState.Absent;

    internal static BpfFeatures Of(IKernel kernel) => s_known.GetValue(kernel, static k => new BpfFeatures(k));

    internal static FeatureTest TestOf(BpfFeature feature)
        => s_tests.TryGetValue(feature, out FeatureTest? test) ? test : throw new ArgumentOutOfRangeException(nameof(feature), feature, "Not a feature.");

    private BpfFeatureResult Keep(string subject, Func<string, BpfFeatureResult> attempt)
    {
        if (_kinds.TryGetValue(subject, out BpfFeatureResult known))
        {
            return known;
        }

        BpfFeatureResult result = Try(subject, attempt);
        return result.State == BpfFeatureState.Refused ? result : _kinds.GetOrAdd(subject, result);
    }

    // What a trial is aimed at stands in the kernel's types: without them it cannot be had either.
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
