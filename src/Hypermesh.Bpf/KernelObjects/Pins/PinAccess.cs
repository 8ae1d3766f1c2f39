using System.Globalization;

namespace Hypermesh.Bpf.KernelObjects.Pins;

/// <summary>Explains why the permissions of a pin, or of a directory on its path, deny access to this process.</summary>
internal static class PinAccess
{
    private const uint Read = 4;
    private const uint Write = 2;
    private const uint Search = 1;
    private const int BitsOfClass = 3;

    // CAP_DAC_OVERRIDE: the permissions deny nothing, so the reason is another one.
    private const ulong Overrides = 1ul << 1;

    /// <summary>Returns the explanation; null where the permissions allow the access, or cannot be read.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="path">The path of the pin.</param>
    /// <param name="inDirectory">True where a name is added to the directory, or removed from it; false where the pin is opened.</param>
    internal static string? Explain(IKernel kernel, string path, bool inDirectory)
    {
        if (Capabilities(kernel) is not { } capabilities || (capabilities & Overrides) != 0 || Ids(kernel, "Uid:") is not [_, var user, ..] || Ids(kernel, "Gid:") is not [_, var group, ..])
        {
            return null;
        }

        HashSet<uint> groups = [group, .. Ids(kernel, "Groups:")];
        foreach ((string place, bool isLast) in Places(path, inDirectory))
        {
            if (kernel.FileAccess(place, out FileAccessRights rights) < 0)
            {
                return null;
            }

            uint needed = !isLast ? Search : inDirectory ? Write | Search : Read | Write;
            int rank = rights.User == user ? 2 : groups.Contains(rights.Group) ? 1 : 0;
            if (((rights.Mode >> (rank * BitsOfClass)) & needed) != needed)
            {
                string what = isLast && !inDirectory ? "pin" : "directory";
                string mode = Convert.ToString(rights.Mode, 8);
                return $"The {what} {place} belongs to user {rights.User} and group {rights.Group} and has the mode {mode}, and this process runs as user {user}: "
                    + $"run it as user {rights.User} or as root, or change the permissions (chown, chmod) of {place}.";
            }
        }

        return null;
    }

    // The directories from the root, then the pin itself where it is opened.
    private static IEnumerable<(string Place, bool IsLast)> Places(string path, bool inDirectory)
    {
        string last = inDirectory ? Path.GetDirectoryName(path) is { Length: > 0 } directory ? directory : "." : path;
        for (int slash = last.IndexOf('/', StringComparison.Ordinal); slash >= 0; slash = last.IndexOf('/', slash + 1))
        {
            if (slash + 1 < last.Length)
            {
                yield return (slash == 0 ? "/" : last[..slash], false);
            }
        }

        yield return (last, true);
    }

    private static ulong? Capabilities(IKernel kernel)
        => Fields(kernel, "CapEff:").FirstOrDefault() is { } set && ulong.TryParse(set, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong number) ? number : null;

    // "Uid:\t1000\t1000\t1000\t1000": real, effective, saved, of the file system.
    private static uint[] Ids(IKernel kernel, string name)
        => [.. Fields(kernel, name).Select(static id => uint.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out uint number) ? number : uint.MaxValue)];

    private static IEnumerable<string> Fields(IKernel kernel, string name)
        => (kernel.TryReadText("/proc/thread-self/status", out _) ?? "").Split('\n').Where(line => line.StartsWith(name, StringComparison.Ordinal))
            .SelectMany(line => line[name.Length..].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
