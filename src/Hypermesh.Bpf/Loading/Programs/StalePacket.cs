using System.Globalization;
using System.Text.RegularExpressions;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.ProgramLinking;
using Hypermesh.Bpf.Verifier;

namespace Hypermesh.Bpf.Loading.Programs;

/// <summary>
/// Recognizes a packet pointer that a helper has made invalid. The verifier reports it as a scalar, like an address that was never checked, so only the path to the
/// error, which its log shows, tells what happened.
/// </summary>
internal static partial class StalePacket
{
    /// <summary>Returns the remedy with a leading space; null if the log does not show such a helper.</summary>
    internal static string? Explain(VerifierLog log, string reason, LinkedProgram? linked, BtfTypes? types)
    {
        if (!reason.Contains("invalid mem access 'scalar'", StringComparison.Ordinal) && !reason.Contains("invalid mem access 'inv'", StringComparison.Ordinal))
        {
            return null;
        }

        Match call = Call().Match(log.Text);
        if (!call.Success || !PacketPointer().IsMatch(log.Text.AsSpan(0, call.Index)))
        {
            return null;
        }

        string place = int.TryParse(call.Groups["at"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && types is not null && linked?.LineOf(index) is { } line
            ? $" at line {line.Line}"
            : "";
        return $" {call.Groups["helper"].Value}, which the program calls{place} before, may change or move the packet, and makes all pointers into the packet invalid: read data and data_end from the context again, and compare with data_end again, or read what is needed before the call.";
    }

    // Finds the last call. The helpers are those in the kernel's bpf_helper_changes_pkt_data.
    [GeneratedRegex(
        @"^(?<at>\d+): \(85\) call (?<helper>bpf_(skb_vlan_push|skb_vlan_pop|skb_store_bytes|skb_change_proto|skb_change_head|skb_change_tail|skb_adjust_room|skb_pull_data|clone_redirect|l3_csum_replace|l4_csum_replace|xdp_adjust_head|xdp_adjust_meta|xdp_adjust_tail|msg_pull_data|msg_push_data|msg_pop_data|lwt_push_encap|lwt_seg6_store_bytes|lwt_seg6_adjust_srh|lwt_seg6_action|store_hdr_opt))#\d+",
        RegexOptions.Multiline | RegexOptions.RightToLeft)]
    private static partial Regex Call();

    // "R6=pkt(off=14,r=14)", "R2_w=pkt(id=0,off=0,r=0,imm=0)"
    [GeneratedRegex(@"=pkt\(")]
    private static partial Regex PacketPointer();
}
