using Hypermesh.Bpf.Compilation.Sandboxing;

namespace Hypermesh.Bpf.Compilation.Caching;

/// <summary>The private folder of objects that were compiled before.</summary>
internal static class CacheFolder
{
    private const string Name = "hypermesh-bpf";
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Returns the folder, created where it is missing; null where there is none to use: without a home, on a read-only disk, or when it belongs to another user or others can write to it.</summary>
    internal static string? Open(string? wanted)
    {
        string path = wanted ?? Default();
        if (path.Length == 0)
        {
            return null;
        }

        try
        {
            var folder = new DirectoryInfo(Directory.CreateDirectory(path, Private).FullName);
            return folder.LinkTarget is null && FileFacts.Of(folder.FullName) is { IsOpenToOthers: false } facts && facts.Owner == SandboxCalls.UserId() && IsWritable(folder.FullName) ? folder.FullName : null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // The variable counts only as a whole path, as its specification says.
    private static string Default()
        => Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } given && Path.IsPathRooted(given) ? Path.Combine(given, Name)
            : Environment.GetEnvironmentVariable("HOME") is { Length: > 0 } home && Path.IsPathRooted(home) ? Path.Combine(home, ".cache", Name)
            : "";

    private static bool IsWritable(string folder)
    {
        using (File.Create(Path.Combine(folder, $".try-{Guid.NewGuid():N}"), 1, FileOptions.DeleteOnClose))
        {
            return true;
        }
    }
}
