using System.Text.RegularExpressions;
using Hypermesh.BpfSdk.Comments.Reading;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;

namespace Hypermesh.BpfSdk.Comments.Mistakes;

/// <summary>Finds times in nanoseconds that are stored in 32 bits or less. A cast says that the lower bits are meant, and so does the name of a random number.</summary>
internal static partial class NarrowTimeRule
{
    private const int Whole = 8;

    private static readonly string[] s_clocks = ["bpf_ktime_get_ns", "bpf_ktime_get_boot_ns", "bpf_ktime_get_tai_ns", "bpf_ktime_get_coarse_ns"];

    public static void Visit(CodeNode node, MistakeList found)
    {
        if (node.Assigned is var (target, value) && s_clocks.Contains(value.Plain.Callee) && clang.Type_getSizeOf(clang.getCursorType(target)) is > 1 and < Whole and long bytes
            && Cursors.Spelling(target) is var name && !Random().IsMatch(name))
        {
            found.Add(SourceIds.NarrowTime, value.Plain.Cursor, name, Types.Name(clang.getCursorType(target)), value.Plain.Callee, bytes == 4 ? "4.3 seconds" : "66 microseconds");
        }
    }

    [GeneratedRegex("rand|rnd|seed|hash|salt|nonce|jitter|low", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Random();
}
