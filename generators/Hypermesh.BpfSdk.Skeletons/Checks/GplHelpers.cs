using Hypermesh.Bpf;

namespace Hypermesh.BpfSdk.Skeletons.Checks;

/// <summary>
/// The helpers the kernel keeps for programs under the GPL. Found by asking Linux 6.18 for each helper under another license, in every
/// type of program; a kernel test asks again.
/// </summary>
internal static class GplHelpers
{
    private const int GetStackId = 27;

    private static readonly HashSet<int> s_numbers =
    [
        4, 6, 22, 25, GetStackId, 35, 36, 45, 55, 56, 67, 69, 100, 110, 111, 112, 113, 114, 115, 119, 121, 158, 163, 165, 169, 170, 171, 172, 173, 175,
        176, 177, 191, 204, 205, 206, 207,
    ];

    // What license_is_gpl_compatible of the kernel accepts, to the letter.
    private static readonly HashSet<string> s_licenses = new(StringComparer.Ordinal)
    {
        "GPL", "GPL v2", "GPL and additional rights", "Dual BSD/GPL", "Dual MIT/GPL", "Dual MPL/GPL",
    };

    /// <summary>True when the kernel takes the license for one of the GPL.</summary>
    public static bool IsCompatible(string license) => s_licenses.Contains(license);

    /// <summary>True when a program of that type may call the helper under the GPL only.</summary>
    public static bool Contains(int helper, BpfProgramType type)
        => s_numbers.Contains(helper) && (helper != GetStackId || type != BpfProgramType.PerfEvent);
}
