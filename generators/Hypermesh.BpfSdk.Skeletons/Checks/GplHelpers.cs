using Hypermesh.Bpf;

namespace Hypermesh.BpfSdk.Skeletons.Checks;

/// <summary>
/// The GPL-only helpers. Found by loading a program with each helper under another license on Linux 6.18, with every
/// program type; a kernel test repeats that.
/// </summary>
internal static class GplHelpers
{
    private const int GetStackId = 27;

    private static readonly HashSet<int> s_numbers =
    [
        4, 6, 22, 25, GetStackId, 35, 36, 45, 55, 56, 67, 69, 100, 110, 111, 112, 113, 114, 115, 119, 121, 158, 163, 165, 169, 170, 171, 172, 173, 175,
        176, 177, 191, 204, 205, 206, 207,
    ];

    // The texts that license_is_gpl_compatible of the kernel accepts.
    private static readonly HashSet<string> s_licenses = new(StringComparer.Ordinal)
    {
        "GPL", "GPL v2", "GPL and additional rights", "Dual BSD/GPL", "Dual MIT/GPL", "Dual MPL/GPL",
    };

    /// <summary>Returns true when the kernel accepts the license as compatible with the GPL.</summary>
    public static bool IsCompatible(string license) => s_licenses.Contains(license);

    /// <summary>Returns true when a program of that type may call the helper only under the GPL.</summary>
    public static bool Contains(int helper, BpfProgramType type)
        => s_numbers.Contains(helper) && (helper != GetStackId || type != BpfProgramType.PerfEvent);
}
