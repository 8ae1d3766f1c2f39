using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Linking;

namespace Hypermesh.Bpf.Loading;

/// <summary>
/// Hands the object's types to the kernel, which then shows map contents by name and C lines in the verifier's log. A kernel too old for some
/// kinds of types gets others in their place; types are no condition for most programs, so one that refuses them even so gets none.
/// </summary>
internal static class BtfLoader
{
    private static readonly (BtfAbilities Ability, BpfFeature Feature)[] s_features =
    [
        (BtfAbilities.Functions, BpfFeature.BtfFunctions),
        (BtfAbilities.GlobalFunctions, BpfFeature.BtfGlobalFunctions),
        (BtfAbilities.DataSections, BpfFeature.BtfDataSections),
        (BtfAbilities.QuestionMarkSections, BpfFeature.BtfQuestionMarkSections),
        (BtfAbilities.Floats, BpfFeature.BtfFloat),
        (BtfAbilities.DeclarationTags, BpfFeature.BtfDeclarationTags),
        (BtfAbilities.TypeTags, BpfFeature.BtfTypeTags),
        (BtfAbilities.Enum64, BpfFeature.BtfEnum64),
    ];

    /// <summary>Loads the types.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="spec">The object.</param>
    /// <param name="token">The token that permits it, null without.</param>
    /// <param name="tags">Functions that got a twin, for kernels that do not know <c>__arg_ctx</c>; null where none did.</param>
    /// <param name="refused">Why the kernel took none, null when it did or the object has none.</param>
    /// <returns>Their descriptor, or null.</returns>
    internal static BpfHandle? Load(IKernel kernel, BpfObjectSpec spec, BpfToken? token, out ContextTags? tags, out BpfSyscallException? refused)
    {
        refused = null;
        tags = null;
        if (LoadableBtf.Create(spec) is not { } blob)
        {
            return null;
        }

        if (ContextTags.Find(blob, spec.Name) is { } found && !BpfFeatures.Of(kernel).Has(BpfFeature.ContextTags))
        {
            tags = found;
            blob = tags.Apply(spec.Programs.Select(static program => program.Type));
        }

        // As they are first: newer kernels then need no probe.
        BtfAbilities needs = BtfSanitizer.Needs(BtfTypes.Read(blob, spec.Name));
        long result = BtfCalls.TryLoad(kernel, blob, token?.Permission);
        if (result == -Errno.EINVAL && Abilities(kernel, needs) is var abilities and not BtfAbilities.All)
        {
            result = BtfCalls.TryLoad(kernel, BtfSanitizer.Apply(blob, spec.Name, abilities), token?.Permission);
        }
        else if (result >= 0 && (needs & BtfAbilities.Functions) != 0)
        {
            BpfFeatures.Of(kernel).Learn(BpfFeature.BtfFunctions);
        }

        if (result >= 0)
        {
            return new BpfHandle(kernel, result);
        }

        refused = KernelErrors.Of(kernel, BpfCommand.BtfLoad, result, $"Loading the types of {spec.Name}", Capabilities.Bpf, spec.Name);
        return null;
    }

    private static BtfAbilities Abilities(IKernel kernel, BtfAbilities needs)
    {
        BpfFeatures features = BpfFeatures.Of(kernel);
        BtfAbilities abilities = BtfAbilities.All;
        foreach ((BtfAbilities ability, BpfFeature feature) in s_features)
        {
            if ((needs & ability) != 0 && !features.Has(feature))
            {
                abilities &= ~ability;
            }
        }

        return abilities;
    }
}
