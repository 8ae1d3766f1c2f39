using System.Globalization;
using System.Text.RegularExpressions;
using Hypermesh.Bpf.Objects.Instructions;
using Hypermesh.Bpf.Objects.Requirements;

namespace Hypermesh.Bpf.Loading;

/// <summary>What the verifier means by a helper it will not have called: the kernel is too old, or the program is of another type.</summary>
internal static partial class HelperHint
{
    /// <summary>A sentence without a space before it; null for a reason that is of no helper.</summary>
    internal static string? For(string reason)
    {
        Match match = Refusal().Match(reason);
        if (!match.Success || !int.TryParse(match.Groups["number"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out int helper))
        {
            return null;
        }

        return (BpfHelpers.NameOf(helper), HelperVersions.Of(helper)) switch
        {
            ({ } name, { } since) when match.Groups["what"].ValueSpan is "invalid func" => $"This kernel has no {name}: it came with Linux {since}.",
            ({ } name, { } since) => $"Programs of this type may not call {name}, or not on this kernel: it came with Linux {since}, for some types; BpfFeatures.CheckHelper tries others.",
            _ => $"Number {helper} is no helper of any kernel known here.",
        };
    }

    // "invalid func unknown#181", "unknown func bpf_sys_bpf#166", "program of this type cannot use helper bpf_sys_bpf#166"
    [GeneratedRegex(@"(?<what>invalid func|unknown func|cannot use helper) \w+#(?<number>\d+)")]
    private static partial Regex Refusal();
}
