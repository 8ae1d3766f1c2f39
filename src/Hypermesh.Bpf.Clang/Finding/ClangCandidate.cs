namespace Hypermesh.Bpf.Clang.Finding;

/// <summary>A place where a clang may be.</summary>
/// <param name="Path">The program's path.</param>
/// <param name="Origin">What names it: a property, a variable, or PATH.</param>
/// <param name="IsNamed">True when the user named this program, so that the build must report when it is not used.</param>
internal sealed record ClangCandidate(string Path, string Origin, bool IsNamed)
{
    private const int OldestNumber = 9;
    private const int NewestNumber = 99;

    /// <summary>Returns the candidates in the order in which they are tried.</summary>
    /// <param name="property">The value of <c>BpfClangPath</c>.</param>
    /// <param name="variable">The value of <c>HYPERMESH_BPF_CLANG</c>.</param>
    /// <param name="searchPath">The value of <c>PATH</c>.</param>
    /// <param name="projectDirectory">The folder relative paths start from.</param>
    public static IEnumerable<ClangCandidate> All(string property, string variable, string searchPath, string projectDirectory)
    {
        string[] folders = [.. searchPath.Split(System.IO.Path.PathSeparator).Where(System.IO.Path.IsPathRooted).Distinct(StringComparer.Ordinal)];
        foreach ((string value, string origin) in new[] { (property, "BpfClangPath"), (variable, "HYPERMESH_BPF_CLANG") })
        {
            if (value.Length > 0)
            {
                yield return new ClangCandidate(Locate(value, folders, projectDirectory), origin, IsNamed: true);
            }
        }

        foreach (string folder in folders)
        {
            string clang = System.IO.Path.Combine(folder, "clang" + ProgramExtension);
            if (File.Exists(clang))
            {
                yield return new ClangCandidate(clang, "PATH", IsNamed: false);
                break;
            }
        }

        // By name: to list a folder of programs takes milliseconds. PATH often names folders that do not exist.
        string[] existing = [.. folders.Where(Directory.Exists)];
        for (int number = NewestNumber; number >= OldestNumber; number--)
        {
            foreach (string numbered in existing.Select(folder => System.IO.Path.Combine(folder, $"clang-{number}{ProgramExtension}")).Where(File.Exists))
            {
                yield return new ClangCandidate(numbered, "PATH", IsNamed: false);
            }
        }
    }

    private static string ProgramExtension => System.IO.Path.DirectorySeparatorChar == '\\' ? ".exe" : "";

    // A bare name (clang-18) is looked up in PATH, as in a shell; anything else is a path.
    private static string Locate(string value, string[] folders, string projectDirectory)
        => value.IndexOfAny(['/', '\\']) >= 0
            ? System.IO.Path.Combine(projectDirectory, value)
            : folders.Select(folder => System.IO.Path.Combine(folder, value)).FirstOrDefault(File.Exists) ?? value;
}
