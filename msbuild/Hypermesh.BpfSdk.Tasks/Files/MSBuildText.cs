using System.Text;

namespace Hypermesh.BpfSdk.Tasks.Files;

/// <summary>Escapes text for MSBuild items: MSBuild unescapes the outputs of a task again, so a file called <c>50%20off.bpf.c</c> would lose its name.</summary>
internal static class MSBuildText
{
    private const string Special = "%*?@$();'";

    /// <summary>Escapes MSBuild's special characters in a text.</summary>
    public static string Escape(string text)
    {
        if (text.IndexOfAny(Special.ToCharArray()) < 0)
        {
            return text;
        }

        StringBuilder escaped = new();
        foreach (char c in text)
        {
            _ = Special.IndexOf(c) < 0 ? escaped.Append(c) : escaped.Append('%').Append(((int)c).ToString("x2"));
        }

        return escaped.ToString();
    }
}
