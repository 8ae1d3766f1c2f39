using System.Globalization;
using System.Text.RegularExpressions;

namespace Hypermesh.Bpf.Features;

/// <summary>
/// The running kernel's version, as in its <c>LINUX_VERSION_CODE</c>. The release of Debian and Ubuntu is 6.1.0 for every 6.1;
/// the full version is in other files. For programs that compare versions; what a kernel supports is probed.
/// </summary>
internal static partial class KernelVersion
{
    private const string ReleasePath = "/proc/sys/kernel/osrelease";

    // In this order, as libbpf: Ubuntu's own file, Debian's build line, the release.
    private static readonly (string Path, Regex Pattern)[] s_sources =
    [
        ("/proc/version_signature", Ubuntu()),
        ("/proc/sys/kernel/version", Debian()),
        (ReleasePath, Plain()),
    ];

    /// <summary>The release, as in <c>uname -r</c>; null where proc is not mounted.</summary>
    internal static string? Release(IKernel kernel) => kernel.TryReadText(ReleasePath, out _)?.Trim();

    /// <summary>Major, minor and patch as <c>KERNEL_VERSION(a, b, c)</c>; 0 if it is not known.</summary>
    internal static uint Code(IKernel kernel)
    {
        foreach ((string path, Regex pattern) in s_sources)
        {
            if (kernel.TryReadText(path, out _) is { } text && pattern.Match(text) is { Success: true } match
                && Number(match, 1, out uint major) && Number(match, 2, out uint minor) && Number(match, 3, out uint patch))
            {
                return (major << 16) + (minor << 8) + Math.Min(patch, 255);
            }
        }

        return 0;
    }

    private static bool Number(Match match, int group, out uint value) => uint.TryParse(match.Groups[group].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    [GeneratedRegex(@"^\S+\s+\S+\s+(\d+)\.(\d+)\.(\d+)")]
    private static partial Regex Ubuntu();

    [GeneratedRegex(@"Debian (\d+)\.(\d+)\.(\d+)")]
    private static partial Regex Debian();

    [GeneratedRegex(@"^(\d+)\.(\d+)\.(\d+)")]
    private static partial Regex Plain();
}
