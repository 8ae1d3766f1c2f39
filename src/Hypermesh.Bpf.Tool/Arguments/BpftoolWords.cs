namespace Hypermesh.Bpf.Tool.Arguments;

/// <summary>
/// Accepts command lines of bpftool: <c>prog show id 12</c>, <c>map dump name counts</c>, <c>link show pinned PATH</c>. The spelling of a target shows its kind here, so the words
/// are accepted and ignored.
/// </summary>
internal static class BpftoolWords
{
    private static readonly HashSet<string> s_kinds = new(StringComparer.Ordinal) { "id", "name", "pinned" };

    // Commands of bpftool that this tool does not have, or has under another name.
    private static readonly Dictionary<string, string> s_elsewhere = new(StringComparer.Ordinal)
    {
        ["feature"] = "'hmbpf doctor' shows what this machine supports and allows.",
        ["net"] = "'hmbpf link list' shows what is attached by link, with its device; 'tc filter show' and 'ip link' show what is attached without one.",
        ["cgroup"] = "'hmbpf link list' shows what is attached by link, with its control group; 'bpftool cgroup tree' shows what is attached without one.",
        ["perf"] = "'hmbpf link list' shows what is attached by link, with its probe.",
        ["struct_ops"] = "'hmbpf map list' shows struct_ops maps, and 'hmbpf link list' the registered ones.",
    };

    private const string KeepsNothing =
        "hmbpf keeps nothing loaded: a program ends with the process that loaded it, unless that process pins it. 'hmbpf verify FILE' verifies the programs of an object, and 'hmbpf load FILE' times its load. ";

    // The same for commands within a group.
    private static readonly Dictionary<(string Group, string Action), string> s_actions = new()
    {
        [("prog", "load")] = KeepsNothing + "An application loads it and pins it (BpfProgram.Pin, BpfLink.Pin), or 'bpftool prog load FILE PATH' does.",
        [("prog", "loadall")] = KeepsNothing + "An application loads it and pins it (BpfProgram.Pin, BpfLink.Pin), or 'bpftool prog loadall FILE PATH' does.",
        [("prog", "attach")] = KeepsNothing + "An application attaches it.",
        [("prog", "run")] = KeepsNothing + "A test runs it on a packet (TestRun of Hypermesh.Bpf.Testing), or 'bpftool prog run' does.",
        [("map", "create")] = "hmbpf keeps nothing loaded: an application creates and pins maps (BpfMapHandle.Pin), or 'bpftool map create' does.",
        [("map", "update")] = "hmbpf does not change maps: use 'bpftool map update'.",
        [("map", "delete")] = "hmbpf does not change maps: use 'bpftool map delete'.",
        [("map", "lookup")] = "'hmbpf map dump' shows all entries.",
        [("link", "detach")] = "hmbpf does not detach links: call BpfLinkHandle.ForceDetach in an application, or remove the link's pin and end the process that holds it.",
    };

    /// <summary>Returns the command line without the word that names the kind of its target.</summary>
    internal static string[] Without(string[] arguments)
    {
        var words = new List<int>();
        for (int word = 0; word < arguments.Length; word++)
        {
            if (!arguments[word].StartsWith('-'))
            {
                words.Add(word);
            }
        }

        int at = words switch
        {
            [int group, int action, ..] when (arguments[group], arguments[action]) is ("prog" or "map" or "link", "show" or "dump") => 2,
            [int command, ..] when arguments[command] == "disasm" => 1,
            _ => words.Count,
        };
        var left = new List<string>(arguments);
        if (at + 2 < words.Count && arguments[words[0]] == "prog" && arguments[words[at]] == "xlated")
        {
            left.RemoveAt(words[at]);
            return Without([.. left]);
        }

        if (at + 1 < words.Count && s_kinds.Contains(arguments[words[at]]))
        {
            left.RemoveAt(words[at]);
        }

        return [.. left];
    }

    /// <summary>Returns what to use for a command that only bpftool has; null for any other word.</summary>
    internal static string? Instead(string command) => s_elsewhere.GetValueOrDefault(command);

    /// <summary>Returns what to use for a command within a group that only bpftool has, such as <c>prog load</c>.</summary>
    internal static string? Instead(string group, string action) => s_actions.GetValueOrDefault((group, action));
}
