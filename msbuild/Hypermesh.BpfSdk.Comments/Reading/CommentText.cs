namespace Hypermesh.BpfSdk.Comments.Reading;

/// <summary>Returns the text of a comment without its markers.</summary>
internal static class CommentText
{
    private static readonly string[] s_openings = ["/**<", "/*!<", "/**", "/*!", "/*", "///<", "//!<", "///", "//!", "//"];
    private static readonly string[] s_notForReaders = ["SPDX-License-Identifier", "Copyright", "clang-format"];

    /// <summary>Returns the lines with text, without empty ones at either end.</summary>
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

    // Lines that are only ornaments, licenses, and instructions for tools.
    private static bool IsForReaders(string line)
        => (line.Length == 0 || line.Any(static character => character is not ('-' or '=' or '*' or '#' or '~' or '_' or '/' or '+' or ' ')))
            && !Array.Exists(s_notForReaders, word => line.StartsWith(word, StringComparison.Ordinal));
}

/// <summary>Reads comments in the kernel's style: <c>struct event - One event.</c>, and members as <c>@pid: The process.</c></summary>
internal static class KernelDoc
{
    /// <summary>Takes the paragraphs about members out of a comment, and the name before its first sentence.</summary>
    /// <param name="comment">The comment.</param>
    /// <param name="name">What it is about.</param>
    /// <param name="members">The names that are members.</param>
    /// <param name="ofMembers">Receives the text for each member that has one.</param>
    public static string Read(string comment, string name, IReadOnlySet<string> members, Dictionary<string, string> ofMembers)
    {
        List<string> own = [];
        string? member = null;
        foreach (string line in WithoutName(comment, name).Split('\n'))
        {
            if (MemberOf(line, members) is { } named)
            {
                member = named;
                ofMembers[member] = line[(named.Length + 2)..].Trim();
            }
            else if (member is not null && line.Length > 0 && line[0] is not ('@' or '\\'))
            {
                ofMembers[member] += "\n" + line;
            }
            else
            {
                member = null;
                own.Add(line);
            }
        }

        return string.Join('\n', own).Trim('\n');
    }

    private static string? MemberOf(string line, IReadOnlySet<string> members)
    {
        int colon = line.IndexOf(':', StringComparison.Ordinal);
        return line.StartsWith('@') && colon > 1 && members.Contains(line[1..colon]) ? line[1..colon] : null;
    }

    private static string WithoutName(string comment, string name)
    {
        string text = comment;
        foreach (string keyword in (string[])["struct ", "union ", "enum "])
        {
            text = text.StartsWith(keyword, StringComparison.Ordinal) ? text[keyword.Length..] : text;
        }

        if (!text.StartsWith(name, StringComparison.Ordinal))
        {
            return comment;
        }

        text = text[name.Length..].TrimStart('(', ')');
        return text.StartsWith(" - ", StringComparison.Ordinal) || text.StartsWith(": ", StringComparison.Ordinal) ? text[2..].TrimStart(' ', '-') : comment;
    }
}
