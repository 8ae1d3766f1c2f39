namespace Hypermesh.Bpf.Objects.Requirements;

/// <summary>The releases that have each kernel function (kfunc). Kernel functions are not part of the kernel's stable interface: they can be removed or changed.</summary>
internal static partial class KernelFunctionFacts
{
    // Lazy, because the order in which the static fields of the two parts are initialized is not defined.
    private static readonly Lazy<Dictionary<string, (Version Since, Version? Lacking)>> s_rows = new(Read);

    // A kernel has these only when certain modules are loaded: nf_conntrack, nf_nat, nf_flow_table, xfrm and fou. The prefixes belong to HID, sched_ext,
    // the kernel's own tests and congestion controls.
    private static readonly HashSet<string> s_ofModules = new(StringComparer.Ordinal)
    {
        "bpf_ct_change_status", "bpf_ct_change_timeout", "bpf_ct_insert_entry", "bpf_ct_release", "bpf_ct_set_nat_info", "bpf_ct_set_status", "bpf_ct_set_timeout",
        "bpf_skb_ct_alloc", "bpf_skb_ct_lookup", "bpf_xdp_ct_alloc", "bpf_xdp_ct_lookup", "bpf_xdp_flow_lookup", "bpf_skb_get_xfrm_info", "bpf_skb_set_xfrm_info",
        "bpf_xdp_get_xfrm_state", "bpf_xdp_xfrm_state_release", "bpf_skb_get_fou_encap", "bpf_skb_set_fou_encap",
    };

    private static readonly string[] s_modulePrefixes = ["hid_bpf_", "scx_bpf_", "bpf_testmod_", "bpf_kfunc_", "bbr_", "dctcp_", "cubictcp_"];

    /// <summary>The known names of functions in modules.</summary>
    internal static IEnumerable<string> OfModules => s_ofModules;

    /// <summary>Returns true for a function that may be in a module, because the table does not cover modules.</summary>
    internal static bool MayBeInModule(string name) => s_ofModules.Contains(name) || Array.Exists(s_modulePrefixes, prefix => name.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>The functions in the table.</summary>
    internal static IEnumerable<string> All => s_rows.Value.Keys;

    /// <summary>The oldest release in the table.</summary>
    internal static string Oldest => s_seen[0].Release;

    /// <summary>The newest release in the table.</summary>
    internal static string Newest => s_seen[s_seen.Length - 1].Release;

    /// <summary>Finds the first release in the table that has the function, and the release before it; null for a function that is not in the table.</summary>
    internal static (Version Since, Version? Lacking)? Find(string name) => s_rows.Value.TryGetValue(name, out (Version, Version?) row) ? row : null;

    private static Dictionary<string, (Version Since, Version? Lacking)> Read()
    {
        var rows = new Dictionary<string, (Version Since, Version? Lacking)>(StringComparer.Ordinal);
        Version? before = null;
        foreach ((string release, string[] names) in s_seen)
        {
            Version version = Version.Parse(release);
            foreach (string name in names)
            {
                rows[name] = (version, before);
            }

            before = version;
        }

        return rows;
    }
}
