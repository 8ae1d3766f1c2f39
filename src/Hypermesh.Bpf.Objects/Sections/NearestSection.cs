namespace Hypermesh.Bpf.Objects.Sections;

/// <summary>Finds the section a person may have meant by one that is not in the table.</summary>
internal static class NearestSection
{
    private const int Smallest = 2;

    /// <summary>The name to write, with the target of the one that is there where the row takes one; null where none is near.</summary>
    /// <param name="sectionName">A name no row matches, without a leading <c>?</c>.</param>
    internal static string? Of(string sectionName)
    {
        int slash = sectionName.IndexOf('/');
        string kind = slash < 0 ? sectionName : sectionName.Substring(0, slash);
        string? best = null;
        int least = int.MaxValue;
        foreach (SectionDefinition row in SectionTable.Rows)
        {
            // A row without a target is compared with the whole name, so that "cgroup/ingress" is near "cgroup_skb/ingress"; one that starts it is near in any case.
            bool takesTarget = row.Match == SectionMatch.NameOrPrefix;
            string compared = takesTarget || row.Name.IndexOf('/') < 0 ? kind : sectionName;
            int distance = string.Equals(row.Name, compared, StringComparison.OrdinalIgnoreCase) ? 0 : Distance(row.Name, compared);
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

    // Levenshtein's distance in which two neighbours changed for each other count once.
    private static int Distance(string first, string second)
    {
        int[,] rows = new int[first.Length + 1, second.Length + 1];
        for (int i = 0; i <= first.Length; i++)
        {
            for (int j = 0; j <= second.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    rows[i, j] = i + j;
                    continue;
                }

                int replaced = rows[i - 1, j - 1] + (first[i - 1] == second[j - 1] ? 0 : 1);
                rows[i, j] = Math.Min(replaced, Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1);
                if (i > 1 && j > 1 && first[i - 1] == second[j - 2] && first[i - 2] == second[j - 1])
                {
                    rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
                }
            }
        }

        return rows[first.Length, second.Length];
    }
}
