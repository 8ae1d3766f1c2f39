using Hypermesh.BpfSdk.Tasks.Clang;
using Hypermesh.BpfSdk.Tasks.Files;

namespace Hypermesh.BpfSdk.Tasks.Programs;

/// <summary>Whether a file's outputs still are what a compilation would give.</summary>
internal static class BuildState
{
    /// <summary>The files the last compilation read, the C file first; full paths.</summary>
    public static IReadOnlyList<string> Dependencies(BpfProgramFile program, string projectDirectory)
        =>
        [
            .. new[] { program.Source }
                .Concat(DependencyFile.Read(program.DependencyFile).Select(name => Path.GetFullPath(Path.Combine(projectDirectory, name))))
                .Distinct(StringComparer.Ordinal),
        ];

    /// <summary>True when the stamp tells of the same facts and nothing that was read is newer than it.</summary>
    public static bool IsCurrent(BpfProgramFile program, string fingerprint, IEnumerable<string> inputs)
    {
        if (!File.Exists(program.Object) || !File.Exists(program.Carrier) || ContentFile.ReadOrNull(program.Stamp) != fingerprint)
        {
            return false;
        }

        DateTime made = File.GetLastWriteTimeUtc(program.Stamp);
        return inputs.All(input => File.Exists(input) && File.GetLastWriteTimeUtc(input) <= made);
    }
}
