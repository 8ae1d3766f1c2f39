namespace Hypermesh.Bpf.Objects.Requirements;

/// <summary>Which releases have a kernel function that programs may call. They are no part of the kernel's stable interface: one may go again, or differ.</summary>
internal static partial class KernelFunctionFacts
{
    // Later than the fields of the other part, whose order to these nothing states.
    private static readonly Lazy<Dictionary<string, (Version Since, Version? Lacking)>> s_rows = new(Read);

    /// <summary>The functions in the table.</summary>
    internal static IEnumerable<string> All => s_rows.Value.Keys;

    /// <summary>The oldest release looked at.</summary>
    internal static string Oldest => s_seen[0].Release;

    /// <summary>The newest release looked at.</summary>
    internal static string Newest => s_seen[s_seen.Length - 1].Release;

    /// <summary>The first release looked at that has it, and the one before that, which has it not; null for a function that is not in the table.</summary>
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
