using Hypermesh.Bpf.Btf;
using Hypermesh.Bpf.Features;
using Hypermesh.Bpf.Loading.Programs;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.BtfSanitizing;

namespace Hypermesh.Bpf.Loading;

/// <summary>
/// Loads the object's types into the kernel, which then shows map contents by name and C lines in the verifier's log. For a kernel that does not support some
/// kinds of types, they are replaced. Most programs do not require types: if the kernel still rejects them, the load continues without types.
/// </summary>
internal static class BtfLoader
{
    private static readonly (BtfAbilities Ability, FeatureProbe Feature)[] s_features =
    [
        (BtfAbilities.Functions, TypeFeatures.Functions),
        (BtfAbilities.GlobalFunctions, TypeFeatures.GlobalFunctions),
        (BtfAbilities.DataSections, TypeFeatures.DataSections),
        (BtfAbilities.QuestionMarkSections, TypeFeatures.QuestionMarkSections),
        (BtfAbilities.Floats, TypeFeatures.Floats),
        (BtfAbilities.DeclarationTags, TypeFeatures.DeclarationTags),
        (BtfAbilities.TypeTags, TypeFeatures.TypeTags),
        (BtfAbilities.Enum64, TypeFeatures.Enum64),
    ];

    /// <summary>Loads the types.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="spec">The object.</param>
    /// <param name="token">The token that permits the load; null for none.</param>
    /// <param name="tags">Functions that got a copy, for kernels that do not support <c>__arg_ctx</c>; null if none did.</param>
    /// <param name="refused">Why the kernel rejected the types; null if it accepted them or the object has none.</param>
    /// <returns>Their descriptor, or null.</returns>
    internal static BpfHandle? Load(IKernel kernel, BpfObjectSpec spec, BpfToken? token, out ContextTags? tags, out BpfSyscallException? refused)
    {
        refused = null;
        tags = null;
        if (LoadableBtf.Create(spec) is not { } blob)
        {
            return null;
        }

        if (ContextTags.Find(blob, spec.Name) is { } found && !ProgramFeatures.ContextTags.Has(kernel))
        {
            tags = found;
            blob = tags.Apply(spec.Programs.Select(static program => program.Type));
        }

        // Unchanged first: newer kernels then need no probe.
        BtfAbilities needs = BtfSanitizer.Needs(BtfTypes.Read(blob, spec.Name));
        long result = BtfCalls.TryLoad(kernel, blob, token?.Permission);
        if (result == -Errno.EINVAL && Abilities(kernel, needs) is var abilities and not BtfAbilities.All)
        {
            result = BtfCalls.TryLoad(kernel, BtfSanitizer.Apply(blob, spec.Name, abilities), token?.Permission);
        }
        else if (result >= 0 && (needs & BtfAbilities.Functions) != 0)
        {
            TypeFeatures.Functions.Learn(kernel);
        }

        if (result >= 0)
        {
            return new BpfHandle(kernel, result);
        }

        refused = FeatureErrors.Of(kernel, BpfCommand.BtfLoad, result, $"Loading the types of {spec.Name}", Capabilities.Bpf, spec.Name);
        return null;
    }

    private static BtfAbilities Abilities(IKernel kernel, BtfAbilities needs)
    {
        BtfAbilities abilities = BtfAbilities.All;
        foreach ((BtfAbilities ability, FeatureProbe feature) in s_features)
        {
            if ((needs & ability) != 0 && !feature.Has(kernel))
            {
                abilities &= ~ability;
            }
        }

        return abilities;
    }
}
