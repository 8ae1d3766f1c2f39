using Hypermesh.Bpf.Objects.NameMatching;

namespace Hypermesh.Bpf.Objects.Sections;

/// <summary>Finds the known section name that is most similar to an unknown one.</summary>
internal static class NearestSection
{
    private const int Smallest = 2;

    /// <summary>Returns the most similar name, with the target of the unknown one if it supports a target; null when no name is similar.</summary>
    /// <param name="sectionName">A name that no row matches, without a leading <c>?</c>.</param>
    internal static string? Of(string sectionName)
    {
        string written = SectionForms.OfOtherTools(sectionName);
        SectionDefinition known = SectionTable.Find(written);
        return known.Attach == AttachKind.None ? MostSimilar(written)
            : known.TargetOf(written) is { } target && SectionForms.OfTarget(known, target) is { } corrected ? corrected
            : written;
    }

    private static string? MostSimilar(string sectionName)
    {
        int slash = sectionName.IndexOf('/');
        string kind = slash < 0 ? sectionName : sectionName.Substring(0, slash);
        string? best = null;
        int least = int.MaxValue;
        foreach (SectionDefinition row in SectionTable.Rows)
        {
            // A row without a target is compared with the whole name, so "cgroup/ingress" is similar to "cgroup_skb/ingress". A prefix of a name is always similar to it.
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
