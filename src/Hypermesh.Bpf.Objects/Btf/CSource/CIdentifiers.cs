namespace Hypermesh.Bpf.Objects.Btf.CSource;

/// <summary>Finds the identifiers in C source, outside comments and string literals.</summary>
internal static class CIdentifiers
{
    /// <summary>Returns each identifier of a text once, including keywords.</summary>
    /// <param name="text">C, not preprocessed.</param>
    public static HashSet<string> In(string text)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        int at = 0;
        while (at < text.Length)
        {
            int end = EndOf(text, at);
            if (IsFirst(text[at]))
            {
                found.Add(text.Substring(at, end - at));
            }

            at = end;
        }

        return found;
    }

    // The end of a comment, a literal, a name or number, or a single character.
    private static int EndOf(string text, int at)
    {
        char first = text[at];
        char second = at + 1 < text.Length ? text[at + 1] : '\0';
        return (first, second) switch
        {
            ('/', '/') => After(text, text.IndexOf('\n', at), 1),
            ('/', '*') => After(text, text.IndexOf("*/", at + 2, StringComparison.Ordinal), 2),
            ('"' or '\'', _) => Quoted(text, at + 1, first),
            _ when IsFirst(first) || char.IsDigit(first) => Word(text, at + 1),
            _ => at + 1,
        };
    }

    private static int After(string text, int found, int length) => found < 0 ? text.Length : found + length;

    private static int Quoted(string text, int at, char quote)
    {
        while (at < text.Length && text[at] != quote && text[at] != '\n')
        {
            at += text[at] == '\\' ? 2 : 1;
        }

        return Math.Min(text.Length, at + 1);
    }

    private static int Word(string text, int at)
    {
        while (at < text.Length && (IsFirst(text[at]) || char.IsDigit(text[at])))
        {
            at++;
        }

        return at;
    }

    private static bool IsFirst(char character) => character is '_' or (>= 'a' and <= 'z') or (>= 'A' and <= 'Z');
}
