using Hypermesh.Bpf.Objects.NameMatching;

namespace Hypermesh.Bpf.Hooks.UProbes;

/// <summary>File names of the libraries that a person may have meant by a name that leads nowhere: <c>libc</c> and <c>c</c> for <c>libc.so.6</c>, as bcc takes them.</summary>
internal static class LibraryNames
{
    // What the loader of dynamic libraries knows; its text is in it as it is.
    private const string Cache = "/etc/ld.so.cache";

    /// <summary>Whole paths, the nearest first; empty where none is near, or the loader keeps no cache.</summary>
    internal static IReadOnlyList<string> Near(IKernel kernel, string name)
    {
        Dictionary<string, string> paths = new(StringComparer.Ordinal);
        foreach (string path in (kernel.TryReadText(Cache, out _) ?? "").Split('\0').Where(static text => text.StartsWith('/')))
        {
            // It lists the libraries that the loader prefers first.
            paths.TryAdd(Path.GetFileName(path), path);
        }

        int end = name.IndexOf(".so", StringComparison.Ordinal);
        string stem = end > 0 ? name[..end] : name;
        foreach (string wanted in new[] { stem, "lib" + stem })
        {
            string[] versions = [.. paths.Keys.Where(file => file.StartsWith(wanted + ".so", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
            if (versions.Length > 0)
            {
                return [.. versions.Select(file => paths[file])];
            }
        }

        var near = new NearNames(name);
        foreach (string file in paths.Keys)
        {
            near.See(file);
        }

        return [.. near.Best.Select(file => paths[file])];
    }
}
