using System.Globalization;

namespace Hypermesh.BpfSdk.Tasks.Files;

/// <summary>
/// Files as they lie on the disk, links followed: .NET reads the times of a link itself, and collapses <c>folder/..</c> without asking what the folder is. Answers are
/// kept, so an instance lives as long as one task.
/// </summary>
internal sealed class LinkedFiles
{
    // What .NET says are the attributes of what is not there.
    private const FileAttributes Nothing = (FileAttributes)(-1);

    private static readonly Func<string, bool, FileSystemInfo?>? s_resolve = FindResolver();

    private readonly Dictionary<string, string> _folders = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _states = new(StringComparer.Ordinal);
    private readonly Dictionary<string, bool> _existing = new(StringComparer.Ordinal);

    /// <summary>True for a path that leads up at some place: where it leads depends on the links on its way.</summary>
    public static bool LeadsUp(string path) => path.Split('/', '\\').Contains("..");

    /// <summary>The full path of what a program that runs in a folder opens by this name.</summary>
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

    /// <summary>The folder without a link on the way to it.</summary>
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
                // A link into a folder that is itself reached by links; one that leads to itself was no folder to begin with.
                _folders[path] = target;
                folder = Folder(target);
            }
        }

        _folders[path] = folder;
        return folder;
    }

    /// <summary>What tells the file from another one or another version, without reading it; empty when there is none.</summary>
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

            // Without a target this .NET cannot follow links: nothing is known of the file, and it is taken for another one each time.
            state = real.Length > 0 && file.Exists
                ? string.Format(CultureInfo.InvariantCulture, "{0} {1} {2}", file.LastWriteTimeUtc.Ticks, file.Length, real)
                : "";
            _states.Add(path, state);
        }

        return state;
    }

    /// <summary>True when there is a file or folder of that name.</summary>
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
            // The links lead in a circle.
            return null;
        }
    }

    // Not in .NET Standard 2.0; in every .NET since 6, which is what builds on a system with links.
    private static Func<string, bool, FileSystemInfo?>? FindResolver()
        => typeof(File).GetMethod("ResolveLinkTarget", [typeof(string), typeof(bool)]) is { } method
            ? (Func<string, bool, FileSystemInfo?>)Delegate.CreateDelegate(typeof(Func<string, bool, FileSystemInfo?>), method)
            : null;
}
