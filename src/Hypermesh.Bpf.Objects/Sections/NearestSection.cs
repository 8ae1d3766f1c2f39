using Hypermesh.Bpf.Objects.Symbols;

namespace Hypermesh.Bpf.Objects.Sections;

/// <summary>Finds the known section name that is closest to an unknown one.</summary>
internal static class NearestSection
{
    private const int Smallest = 2;

    /// <summary>The closest name, with the target of the unknown one where it takes a target; null when none is close.</summary>
    /// <param name="sectionName">A name that no row matches, without a leading <c>?</c>.</param>
    internal static string? Of(string sectionName)
    {
        int slash = sectionName.IndexOf('/');
        string kind = slash < 0 ? sectionName : sectionName.Substring(0, slash);
        string? best = null;
        int least = int.MaxValue;
        foreach (SectionDefinition row in SectionTable.Rows)
        {
            // A row without a target is compared with the whole name, so that "cgroup/ingress" is close to "cgroup_skb/ingress". A name that begins the other is always close.
            bool takesTarget = row.Match == SectionMatch.NameOrPrefix;
            string compared = takesTarget || row.Name.IndexOf('/') < 0 ? kind : sectionName;
            int distance = string.Equals(row.Name, compared, StringComparison.OrdinalIgnoreCase) ? 0 : EditDistance.Between(row.Name, compared);
            int allowed = Math.Max(Smallest, compared.Length / 3);
            if (IsPart(row.Name, compared) || IsPart(compared, row.Name))
            {
                distance = Math.Min(distance, allowed);
            }

            if (distance <= allowed && distance < least)
            {
                least = distance;
                best = takesTarget && slash >= 0 ? row.Name + sectionName.Substring(slash) : row.Name;
            }
        }

        return best;
    }

    private static bool IsPart(string part, string name) => part.Length > Smallest && name.StartsWith(part, StringComparison.OrdinalIgnoreCase);
}
