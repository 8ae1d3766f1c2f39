namespace Hypermesh.Bpf;

/// <summary>A file and what in it, as sections write it: <c>/bin/bash:readline+0x10</c>, <c>libc.so.6:malloc</c>.</summary>
internal readonly record struct UserTarget(string Binary, string Name)
{
    /// <summary>Null where the text names no file, or nothing in it.</summary>
    internal static UserTarget? Parse(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon <= 0 || colon == text.Length - 1 ? null : new UserTarget(text[..colon], text[(colon + 1)..]);
    }
}
