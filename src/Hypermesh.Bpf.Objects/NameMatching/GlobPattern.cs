namespace Hypermesh.Bpf.Objects.NameMatching;

/// <summary>A pattern of function names as libbpf has it: <c>*</c> matches any text, <c>?</c> matches one character, all else for itself.</summary>
internal static class GlobPattern
{
    internal static bool IsPattern(string text) => text.IndexOf('*') >= 0 || text.IndexOf('?') >= 0;

    /// <summary>True when the whole name fits the pattern; takes time proportional to both lengths, whatever the pattern.</summary>
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
                // The last star takes one character more, and the rest is tried anew.
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
