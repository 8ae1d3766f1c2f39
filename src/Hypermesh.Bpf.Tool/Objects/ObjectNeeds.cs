using Hypermesh.Bpf.Errors;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Requirements;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf.Tool.Objects;

/// <summary>What an object requires from a kernel and a process, computed from the object alone.</summary>
internal sealed class ObjectNeeds
{
    private static readonly Version s_first = new(3, 19);

    internal ObjectNeeds(BpfObjectSpec spec)
    {
        IReadOnlyList<KernelRequirement> all = [.. ObjectRequirements.Of(spec)];
        Helpers = [.. all.Where(static one => one.Kind == RequirementKind.Helper).OrderBy(static one => one.Number).Select(static one => one.Name).Distinct(StringComparer.Ordinal)];
        KernelFunctions = [.. all.Where(static one => one.Kind == RequirementKind.KernelFunction).Select(static one => one.Name)];
        Options = [.. ObjectRequirements.OptionsOf(spec)];
        KernelRequirement? newest = all.Where(static one => one.Since is not null && !one.IsOptional).MaxBy(static one => one.Since);
        Least = newest is null ? (s_first, "eBPF itself") : (newest.Since!, char.ToLowerInvariant(newest.Subject[0]) + newest.Subject[1..]);
        CapabilityList = CapabilityNames.Of(ProgramCapabilities.Of(spec));
    }

    /// <summary>The helpers that its code calls.</summary>
    internal IReadOnlyList<string> Helpers { get; }

    /// <summary>The kernel functions it calls.</summary>
    internal IReadOnlyList<string> KernelFunctions { get; }

    /// <summary>The kernel options that it requires.</summary>
    internal IReadOnlyList<string> Options { get; }

    /// <summary>The capabilities that loading requires since 5.8.</summary>
    internal string CapabilityList { get; }

    /// <summary>The oldest release that it loads on, and the feature that requires it; optional features do not count.</summary>
    internal (Version Version, string For) Least { get; }
}
