using Hypermesh.Bpf.Objects;

namespace Hypermesh.BpfSdk.Skeletons.Sources;

/// <summary>The global variables that C# sees: those of the user's C that are not static.</summary>
internal static class ShownGlobals
{
    // Variables of the SDK's headers; the loader sets them.
    private const string OwnPrefix = "hm_";

    public static bool IsShown(BpfGlobalVariable variable)
        => !variable.IsStatic && !variable.Name.StartsWith(OwnPrefix, StringComparison.Ordinal);

    /// <summary>All sections with variables to show.</summary>
    public static IEnumerable<BpfDataSectionSpec> SectionsOf(BpfObjectSpec spec)
        => spec.KernelConfig is null ? spec.DataSections : spec.DataSections.Append(spec.KernelConfig);
}
