using System.Text;

namespace Hypermesh.Bpf.Clang.Arguments;

/// <summary>Reads the rule for make that clang writes with <c>-MD</c>: the files that an object was compiled from.</summary>
internal static class DependencyFile
{
    /// <summary>Returns the files after the target, as clang wrote them; none when the rule file does not exist.</summary>
    public static IReadOnlyList<string> Read(string path)
    {
        string text = File.Exists(path) ? File.ReadAllText(path) : "";
        int rule = text.IndexOf(": ", StringComparison.Ordinal);
        return rule < 0 ? [] : [.. Names(text.Substring(rule + 2))];
    }

    // make's quoting: "\ " is a blank, "\#" a hash, "$$" a dollar, a backslash before a line end joins the lines.
    private static IEnumerable<string> Names(string text)
    {
        StringBuilder name = new();
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            char next = i + 1 < text.Length ? text[i + 1] : '\0';
            if ((c == '\\' && next is ' ' or '#') || (c == '$' && next == '$'))
            {
                name.Append(next);
                i++;
            }
            else if (char.IsWhiteSpace(c) || (c == '\\' && next is '\r' or '\n'))
            {
                if (name.Length > 0)
                {
                    yield return name.ToString();
                    name.Clear();
                }
            }
            else
            {
                name.Append(c);
            }
        }

        if (name.Length > 0)
        {
            yield return name.ToString();
        }
    }
}
