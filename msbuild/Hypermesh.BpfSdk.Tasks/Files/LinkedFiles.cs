using System.Globalization;

namespace Hypermesh.BpfSdk.Tasks.Files;

/// <summary>
/// Reads the state of files with all links followed. .NET reads the times of the link itself, and collapses <c>folder/..</c> even where the folder is a link. Results are cached, so
/// an instance is for one task.
/// </summary>
internal sealed class LinkedFiles
{
    // .NET returns these attributes for a path that does not exist.
    private const FileAttributes Nothing = (FileAttributes)(-1);

    private static readonly Func<string, bool, FileSystemInfo?>? s_resolve = FindResolver();

    private readonly Dictionary<string, string> _folders = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _states = new(StringComparer.Ordinal);
    private readonly Dictionary<string, bool> _existing = new(StringComparer.Ordinal);

    /// <summary>Returns true for a path with <c>..</c> in it, whose target depends on the links before it.</summary>
    public static bool LeadsUp(string path) => path.Split('/', '\\').Contains("..");

    /// <summary>Resolves a path as a program that runs in the folder does.</summary>
    public string Full(string folder, string path)
    {
        string joined = Path.Combine(folder, path);
        if (!LeadsUp(joined) || Path.GetDirectoryName(joined) is not { } parent)
        {
            return Path.GetFullPath(joined);
        }

        string name = Path.GetFileName(joined);
        return name == ".." ? Folder(joined) : Path.Combine(Folder(parent), name);
    }

    /// <summary>Resolves all links in the path of a folder.</summary>
    public string Folder(string path)
    {
        if (_folders.TryGetValue(path, out string? known))
        {
            return known;
        }

        string folder = path;
        if (Path.GetDirectoryName(path) is { } parent)
        {
            string above = Folder(parent);
            string name = Path.GetFileName(path);
            folder = name switch
            {
                "" or "." => above,
                ".." => Path.GetDirectoryName(above) ?? above,
                _ => Path.Combine(above, name),
            };
            if (folder != above && Target(folder) is { } target)
            {
                // The target may itself be reached through links. The entry ends the recursion where a link leads to itself.
                _folders[path] = target;
                folder = Folder(target);
            }
        }

        _folders[path] = folder;
        return folder;
    }

    /// <summary>Identifies a version of a file by its time, length and path, without reading it; empty when there is no file.</summary>
    public string StateOf(string path)
    {
        if (!_states.TryGetValue(path, out string? state))
        {
            FileInfo file = new(path);
            string real = Path.Combine(Folder(Path.GetDirectoryName(path)!), Path.GetFileName(path));
            if (IsLink(file))
            {
                string? target = Target(real);
                real = target is null ? "" : Path.Combine(Folder(Path.GetDirectoryName(target)!), Path.GetFileName(target));
                file = new FileInfo(target is null ? path : real);
            }

            // Without a target (this .NET cannot follow links, or they form a circle) the state is empty, and the file counts as changed each time.
            state = real.Length > 0 && file.Exists
                ? string.Format(CultureInfo.InvariantCulture, "{0} {1} {2}", file.LastWriteTimeUtc.Ticks, file.Length, real)
                : "";
            _states.Add(path, state);
        }

        return state;
    }

    /// <summary>Returns true when a file or folder with that path exists.</summary>
    public bool Exists(string path)
    {
        if (!_existing.TryGetValue(path, out bool exists))
        {
            exists = new FileInfo(path).Attributes != Nothing;
            _existing.Add(path, exists);
        }

        return exists;
    }

    private static bool IsLink(FileSystemInfo file) => file.Attributes is var attributes && attributes != Nothing && (attributes & FileAttributes.ReparsePoint) != 0;

    private static string? Target(string path)
    {
        try
        {
            return IsLink(new FileInfo(path)) ? s_resolve?.Invoke(path, true)?.FullName : null;
        }
        catch (IOException)
        {
            // The links form a circle.
            return null;
        }
    }

    // File.ResolveLinkTarget is not in .NET Standard 2.0, but in every .NET since 6.
    private static Func<string, bool, FileSystemInfo?>? FindResolver()
        => typeof(File).GetMethod("ResolveLinkTarget", [typeof(string), typeof(bool)]) is { } method
            ? (Func<string, bool, FileSystemInfo?>)Delegate.CreateDelegate(typeof(Func<string, bool, FileSystemInfo?>), method)
            : null;
}

/// <summary>Returns paths relative to the project's folder, which are the same on every machine.</summary>
internal static class RelativePath
{
    private static readonly StringComparison s_comparison =
        Path.DirectorySeparatorChar == '\\' ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;

    /// <summary>Returns the path from a folder to a file, with forward slashes; the full path where there is no relative path (another drive).</summary>
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
