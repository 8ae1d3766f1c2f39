using System.Globalization;
using System.Text.RegularExpressions;
using Hypermesh.Bpf.Objects.Instructions;
using Hypermesh.Bpf.Objects.Requirements;

namespace Hypermesh.Bpf.Loading.Programs;

/// <summary>Explains why the verifier rejects the call of a helper: the kernel is too old, or the program is of another type.</summary>
internal static partial class HelperHint
{
    // Helpers that are often copied from programs of another type, and their equivalents. The type of the rejected program is not known here, so each sentence names the type it is for.
    private static readonly Dictionary<string, string> s_instead = new(StringComparer.Ordinal)
    {
        ["bpf_skb_load_bytes"] = "In XDP, compare with data_end and read the packet directly, or call bpf_xdp_load_bytes (5.18).",
        ["bpf_skb_store_bytes"] = "In XDP, compare with data_end and write the packet directly, or call bpf_xdp_store_bytes (5.18).",
        ["bpf_skb_change_head"] = "In XDP, call bpf_xdp_adjust_head.",
        ["bpf_skb_change_tail"] = "In XDP, call bpf_xdp_adjust_tail (4.18).",
        ["bpf_clone_redirect"] = "In XDP, return bpf_redirect_map or bpf_redirect.",
        ["bpf_xdp_load_bytes"] = "In a traffic classifier, call bpf_skb_load_bytes.",
        ["bpf_xdp_store_bytes"] = "In a traffic classifier, call bpf_skb_store_bytes.",
        ["bpf_xdp_adjust_head"] = "In a traffic classifier, call bpf_skb_change_head (4.10) or bpf_skb_adjust_room (4.13).",
        ["bpf_get_current_comm"] = "Packets are handled in the context of an arbitrary process: find the process in a program on the socket or on the control group.",
        ["bpf_get_current_pid_tgid"] = "Packets are handled in the context of an arbitrary process: find the process in a program on the socket or on the control group.",
        ["bpf_probe_read_kernel"] = "Programs for packets read the packet between data and data_end, and fields of the context directly.",
        ["bpf_override_return"] = "It is for kprobes at functions that are marked for error injection, on a kernel with CONFIG_BPF_KPROBE_OVERRIDE; in fmod_ret, return the value.",
    };

    /// <summary>Returns a sentence without a leading space; null if the reason is not about a helper.</summary>
    internal static string? For(string reason)
    {
        Match match = Refusal().Match(reason);
        if (!match.Success || !int.TryParse(match.Groups["number"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out int helper))
        {
            return null;
        }

        return (BpfHelpers.NameOf(helper), HelperVersions.Of(helper)) switch
        {
            ({ } name, { } since) when match.Groups["what"].ValueSpan is "invalid func" => $"This kernel does not support {name}: it came with Linux {since}.",
            ({ } name, { } since) => $"Programs of this type cannot call {name}, or not on this kernel: it came with Linux {since}, for some types; BpfFeatures.CheckHelper probes other types.{(s_instead.TryGetValue(name, out string? instead) ? " " + instead : "")}",
            _ => $"No kernel known to this SDK has a helper with number {helper}.",
        };
    }

    // "invalid func unknown#181", "unknown func bpf_sys_bpf#166", "program of this type cannot use helper bpf_sys_bpf#166"
    [GeneratedRegex(@"(?<what>invalid func|unknown func|cannot use helper) \w+#(?<number>\d+)")]
    private static partial Regex Refusal();
}
