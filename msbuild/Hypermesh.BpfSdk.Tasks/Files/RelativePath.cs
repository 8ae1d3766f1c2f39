namespace Hypermesh.BpfSdk.Tasks.Files;

/// <summary>Paths as they read from the project's folder: the same on every machine.</summary>
internal static class RelativePath
{
    private static readonly StringComparison s_comparison =
        Path.DirectorySeparatorChar == '\\' ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;

    /// <summary>The path from a folder to a file, with forward slashes; the full path where there is no way (another drive).</summary>
    public static string Of(string folder, string path)
    {
        string[] from = Parts(folder);
        string[] to = Parts(path);
        int common = 0;
        while (common < from.Length && common < to.Length - 1 && string.Equals(from[common], to[common], s_comparison))
        {
            common++;
        }

        return common == 0 && Path.DirectorySeparatorChar == '\\'
            ? path
            : string.Join("/", Enumerable.Repeat("..", from.Length - common).Concat(to.Skip(common)));
    }

    private static string[] Parts(string path)
        => Path.GetFullPath(path).Split([Path.DirectorySeparatorChar], StringSplitOptions.RemoveEmptyEntries);
}
