namespace Hypermesh.Bpf.Compilation.Compiling;

/// <summary>The folders that clang needs: its own, those of libraries, and those of headers.</summary>
internal static class ReadableFolders
{
    private static readonly string[] s_libraries = ["/usr/lib", "/usr/lib64", "/usr/lib32", "/lib", "/lib64", "/usr/local/lib", "/usr/libexec", "/etc/ld.so.cache", "/dev/null"];

    /// <summary>Returns the paths that the sandbox allows to read.</summary>
    /// <param name="clang">The program.</param>
    /// <param name="headers">The folders of headers.</param>
    internal static IReadOnlyList<string> Of(string clang, IEnumerable<string> headers)
    {
        string program = File.ResolveLinkTarget(clang, returnFinalTarget: true)?.FullName ?? clang;
        string[] own = Path.GetDirectoryName(program) is { } folder && Path.GetFileName(folder) == "bin" && folder is not ("/usr/bin" or "/bin") && Path.GetDirectoryName(folder) is { } installation and not "/"
            ? [installation]
            : [];
        return [.. s_libraries.Concat(own).Append(program).Append(clang).Concat(headers).Where(static path => path.Length > 1).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>Returns true for a path within one of the folders.</summary>
    internal static bool Contains(IEnumerable<string> folders, string path)
    {
        string whole = Path.GetFullPath(path);
        return folders.Any(folder => whole == folder || whole.StartsWith(Path.TrimEndingDirectorySeparator(folder) + "/", StringComparison.Ordinal));
    }
}
