using Hypermesh.Bpf.Clang.Arguments;
using Hypermesh.BpfSdk.Tasks.Files;

namespace Hypermesh.BpfSdk.Tasks.Programs;

/// <summary>
/// Decides whether a file's outputs are up to date. The stamp holds everything that they depend on: the facts about the file, the state of each file that clang read, and
/// the paths where clang looked for a header and found none. Comparing times is not enough: a header may be replaced by an older one, or hidden by one that comes earlier
/// in the search.
/// </summary>
internal static class BuildState
{
    private const string Begin = "\n[files]\n";
    private const string Read = "read ";
    private const string Missing = "missing ";

    /// <summary>Returns true when the stamp has the same facts and no file has changed.</summary>
    public static bool IsCurrent(BpfProgramFile program, string fingerprint, LinkedFiles files)
    {
        string stamp = ContentFile.ReadOrNull(program.Stamp) ?? "";
        if (!File.Exists(program.Object) || !File.Exists(program.CarrierFile) || !stamp.StartsWith(fingerprint + Begin, StringComparison.Ordinal))
        {
            return false;
        }

        string[] lines = stamp.Substring(fingerprint.Length + Begin.Length).Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            if (lines[i].StartsWith(Read, StringComparison.Ordinal))
            {
                string path = lines[i].Substring(Read.Length);
                string state = i + 1 < lines.Length ? lines[++i] : "";
                if (state.Length == 0 || state != files.StateOf(path))
                {
                    return false;
                }
            }
            else if (lines[i].StartsWith(Missing, StringComparison.Ordinal) && files.Exists(lines[i].Substring(Missing.Length)))
            {
                return false;
            }
        }

        // MSBuild compares these two times too: with an older stamp it would run the target in every build.
        return File.GetLastWriteTimeUtc(program.ArgumentFile) <= File.GetLastWriteTimeUtc(program.Stamp);
    }

    /// <summary>Returns the stamp's text after a compilation.</summary>
    /// <param name="fingerprint">The facts about the file.</param>
    /// <param name="read">The files that were read, full paths.</param>
    /// <param name="searched">The folders in which clang looks for headers.</param>
    /// <param name="started">When clang was started.</param>
    /// <param name="files">Reads the state of files.</param>
    public static string Stamp(string fingerprint, IReadOnlyList<string> read, IEnumerable<string> searched, DateTime started, LinkedFiles files)
    {
        DateTime ended = DateTime.UtcNow;
        IEnumerable<string> lines = read.Select(path => $"{Read}{path}\n{(WasSavedMeanwhile(path) ? "" : files.StateOf(path))}\n");
        return fingerprint + Begin + string.Concat(lines.Concat(MissingNames(read, [.. searched], files).Select(path => $"{Missing}{path}\n")));

        // A file that was saved while clang ran may differ from what clang read. Without a state it is compiled again.
        bool WasSavedMeanwhile(string path)
        {
            string state = files.StateOf(path);
            return state.Length == 0 || (long.TryParse(state.Substring(0, state.IndexOf(' ')), out long ticks) && ticks >= started.Ticks && ticks <= ended.Ticks);
        }
    }

    /// <summary>Returns the files that a compilation read, the C file first; full paths.</summary>
    public static IReadOnlyList<string> Dependencies(string source, string dependencyFile, string projectDirectory, LinkedFiles files)
        => [.. new[] { source }.Concat(DependencyFile.Read(dependencyFile).Select(name => files.Full(projectDirectory, name))).Distinct(StringComparer.Ordinal)];

    // A header that was found in one folder of the search would have been taken from an earlier folder, or from beside the file that includes it. The order of the folders
    // is ignored: one compilation too many does no harm.
    private static HashSet<string> MissingNames(IReadOnlyList<string> read, string[] searched, LinkedFiles files)
    {
        HashSet<string> missing = new(StringComparer.Ordinal);
        string[] folders = [.. read.Select(path => Path.GetDirectoryName(path)!).Concat(searched).Distinct(StringComparer.Ordinal)];
        foreach (string name in read.SelectMany(path => searched.Where(folder => IsWithin(path, folder)).Select(folder => path.Substring(folder.TrimEnd('/', '\\').Length + 1))).Distinct(StringComparer.Ordinal))
        {
            string[] parts = name.Split('/', '\\');
            foreach (string folder in folders)
            {
                string path = folder;
                for (int i = 0; i < parts.Length && files.Exists(path); i++)
                {
                    path = Path.Combine(path, parts[i]);
                }

                if (!files.Exists(path))
                {
                    missing.Add(path);
                }
            }
        }

        return missing;
    }

    private static bool IsWithin(string path, string folder)
        => folder.TrimEnd('/', '\\') is var prefix && path.Length > prefix.Length + 1 && path[prefix.Length] is '/' or '\\' && path.StartsWith(prefix, StringComparison.Ordinal);
}
