namespace Hypermesh.BpfSdk.Comments.Reading;

/// <summary>What a comment says: its text without the marks that make it a comment.</summary>
internal static class CommentText
{
    private static readonly string[] s_openings = ["/**<", "/*!<", "/**", "/*!", "/*", "///<", "//!<", "///", "//!", "//"];
    private static readonly string[] s_notForReaders = ["SPDX-License-Identifier", "Copyright", "clang-format"];

    /// <summary>The lines that say something, without empty ones at either end.</summary>
    public static string Clean(string raw)
    {
        List<string> lines = [.. raw.Split('\n').Select(Line).Where(IsForReaders)];
        while (lines.Count > 0 && lines[0].Length == 0)
        {
            lines.RemoveAt(0);
        }

        while (lines.Count > 0 && lines[^1].Length == 0)
        {
            lines.RemoveAt(lines.Count - 1);
        }

        return string.Join('\n', lines);
    }

    private static string Line(string line)
    {
        string text = line.Trim();
        string? opening = Array.Find(s_openings, opening => text.StartsWith(opening, StringComparison.Ordinal));
        text = opening is not null ? text[opening.Length..]
            : text.StartsWith('*') && !text.StartsWith("*/", StringComparison.Ordinal) ? text[1..]
            : text;
        return (text.EndsWith("*/", StringComparison.Ordinal) ? text[..^2].TrimEnd('*') : text).Trim();
    }

    // Lines drawn of signs, and words for lawyers and programs.
    private static bool IsForReaders(string line)
        => (line.Length == 0 || line.Any(static character => character is not ('-' or '=' or '*' or '#' or '~' or '_' or '/' or '+' or ' ')))
            && !Array.Exists(s_notForReaders, word => line.StartsWith(word, StringComparison.Ordinal));
}
