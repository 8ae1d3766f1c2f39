namespace Hypermesh.Bpf.Hooks.StructOps;

/// <summary>The members without which the kernel does not register a struct_ops map: it returns EINVAL and does not say which is missing.</summary>
internal static class StructOpsNeeds
{
    // One of the members of each row must be set.
    private static readonly Dictionary<string, string[][]> s_types = new(StringComparer.Ordinal)
    {
        ["tcp_congestion_ops"] = [["name"], ["ssthresh"], ["undo_cwnd"], ["cong_avoid", "cong_control"]],
        ["sched_ext_ops"] = [["name"]],
        ["Qdisc_ops"] = [["id"]],
    };

    /// <summary>Names the members that are missing; null where none is, or the type is not known.</summary>
    /// <param name="type">The struct's name in C.</param>
    /// <param name="set">The members that have a program or a value.</param>
    internal static string? Lacking(string type, IReadOnlySet<string> set)
    {
        int flavour = type.IndexOf("___", StringComparison.Ordinal);
        string[] lacking = [.. s_types.GetValueOrDefault(flavour < 0 ? type : type[..flavour], []).Where(row => !row.Any(set.Contains)).Select(static row => string.Join(" or ", row))];
        return lacking.Length == 0 ? null : $"The kernel requires these members of struct {type}, which have no value: {string.Join(", ", lacking)}. Set them in the C, as in .{lacking[0].Split(' ')[0]} = …, or by Member and Write of the map's spec.";
    }
}
