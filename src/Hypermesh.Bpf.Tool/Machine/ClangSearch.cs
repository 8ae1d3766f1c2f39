using System.Diagnostics;

namespace Hypermesh.Bpf.Tool.Machine;

/// <summary>The clang the build would take: what the environment names, PATH's clang, the numbered ones there; the first that is at least 16.</summary>
internal static class ClangSearch
{
    private const int Oldest = 16;

    internal static string Describe()
    {
        string? tooOld = null;
        foreach (string candidate in Candidates())
        {
            if (VersionOf(candidate) is not { } version)
            {
                continue;
            }

            if (int.TryParse(version.Split('.')[0], out int major) && major >= Oldest)
            {
                return $"{candidate} {version}";
            }

            tooOld ??= $"{candidate} {version}";
        }

        return tooOld is null ? "none found; needed to compile, not to load" : $"{tooOld} is older than {Oldest}; needed to compile, not to load";
    }

    private static IEnumerable<string> Candidates()
    {
        if (Environment.GetEnvironmentVariable("HYPERMESH_BPF_CLANG") is { Length: > 0 } named)
        {
            yield return named;
        }

        string[] folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries);
        foreach (string file in folders.Select(static folder => Path.Combine(folder, "clang")).Where(File.Exists))
        {
            yield return file;
        }

        foreach (string file in folders.Where(Directory.Exists).SelectMany(static folder => Directory.GetFiles(folder, "clang-*")).Where(static file => Number(file) > 0).OrderByDescending(Number))
        {
            yield return file;
        }
    }

    private static int Number(string file) => int.TryParse(Path.GetFileName(file).AsSpan("clang-".Length), out int number) ? number : 0;

    private static string? VersionOf(string clang)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(clang, ["-dumpversion"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            string version = process.StandardOutput.ReadToEnd().Trim();
            process.WaitForExit();
            return process.ExitCode == 0 ? version : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
