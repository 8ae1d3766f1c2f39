namespace Hypermesh.BpfSdk.Comments.Reading;

/// <summary>The kernel's way of writing comments: <c>struct event - One event.</c>, and members as <c>@pid: The process.</c></summary>
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
