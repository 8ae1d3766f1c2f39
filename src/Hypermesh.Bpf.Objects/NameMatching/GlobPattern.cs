namespace Hypermesh.Bpf.Objects.NameMatching;

/// <summary>Matches function names with patterns, as libbpf does: <c>*</c> matches any text, <c>?</c> one character, any other character itself.</summary>
internal static class GlobPattern
{
    internal static bool IsPattern(string text) => text.IndexOf('*') >= 0 || text.IndexOf('?') >= 0;

    /// <summary>Returns true when the whole name matches the pattern. The time is at most proportional to the product of both lengths.</summary>
    internal static bool Matches(string pattern, string name)
    {
        int p = 0, n = 0, star = -1, resume = 0;
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                resume = n;
            }
            else if (p < pattern.Length && (pattern[p] == '?' || pattern[p] == name[n]))
            {
                p++;
                n++;
            }
            else if (star >= 0)
            {
                // The last star matches one more character, and the rest is compared again.
                p = star + 1;
                n = ++resume;
            }
            else
            {
                return false;
            }
        }

        while (p < pattern.Length && pattern[p] == '*')
        {
            p++;
        }

        return p == pattern.Length;
    }
}
