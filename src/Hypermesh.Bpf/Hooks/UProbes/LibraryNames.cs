using Hypermesh.Bpf.Objects.NameMatching;

namespace Hypermesh.Bpf.Hooks.UProbes;

/// <summary>Suggests file names of libraries for a name that was not found: <c>libc.so.6</c> for <c>libc</c> and <c>c</c>, which bcc accepts.</summary>
internal static class LibraryNames
{
    // The cache of the dynamic loader; it contains the paths as plain text.
    private const string Cache = "/etc/ld.so.cache";

    /// <summary>Returns whole paths, the nearest first; empty if no name is near, or there is no cache.</summary>
    internal static IReadOnlyList<string> Near(IKernel kernel, string name)
    {
        Dictionary<string, string> paths = new(StringComparer.Ordinal);
        foreach (string path in (kernel.TryReadText(Cache, out _) ?? "").Split('\0').Where(static text => text.StartsWith('/')))
        {
            // The libraries that the loader prefers come first.
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
