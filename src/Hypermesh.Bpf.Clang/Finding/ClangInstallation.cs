using System.ComponentModel;
using System.Text.RegularExpressions;
using Hypermesh.Bpf.Clang.Running;

namespace Hypermesh.Bpf.Clang.Finding;

/// <summary>The facts that one clang of the machine reports about itself.</summary>
/// <param name="Path">The program.</param>
/// <param name="Version">The first line of <c>--version</c>; empty when it could not be run.</param>
/// <param name="Major">The major version; 0 when it could not be read.</param>
/// <param name="HasBpf">True when it lists the bpf targets.</param>
/// <param name="ResourceDirectory">The folder of its own headers; empty when it did not report it.</param>
/// <param name="SystemIncludes">The folders in which it searches the system's headers when it compiles for this machine.</param>
internal sealed record ClangInstallation(string Path, string Version, int Major, bool HasBpf, string ResourceDirectory, IReadOnlyList<string> SystemIncludes)
{
    /// <summary>
    /// The oldest version that is accepted: it writes the type tags and 64-bit enums of current BTF. A test compares the scripts and the documentation with this value.
    /// </summary>
    public const int MinimumMajor = 16;

    /// <summary>The version without the distribution's additions, such as <c>19.1.7</c>.</summary>
    public string Release
    {
        get
        {
            const string Word = "clang version ";
            int start = Version.IndexOf(Word, StringComparison.Ordinal);
            return start < 0 ? "" : Version.Substring(start + Word.Length).Split(' ')[0];
        }
    }

    /// <summary>The reason why it cannot be used; null when it can be.</summary>
    public string? Problem => this switch
    {
        { Major: 0 } => "does not run, or is not clang",
        { Major: < MinimumMajor } => $"version {Major}, older than {MinimumMajor}",
        { HasBpf: false } => $"version {Major} without the bpf target",
        _ => null,
    };
}

/// <summary>Runs a clang to get its version and folders.</summary>
internal static class ClangProbe
{
    private static readonly Regex s_version = new(@"clang version (\d+)\.", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    private static readonly Regex s_resources = new(
        "\"?-resource-dir\"? (?:\"(?<folder>[^\"]+)\"|(?<folder>[^\\s\"]+))", RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1));

    /// <summary>Runs the program without compiling anything; a program that does not run is an installation without a version.</summary>
    public static ClangInstallation Ask(string path, CancellationToken cancellation)
    {
        string version = Answer(path, ["--version"], cancellation, result => result.Output);
        Match match = s_version.Match(version);
        if (!match.Success)
        {
            return new ClangInstallation(path, "", 0, HasBpf: false, "", []);
        }

        string firstLine = version.Substring(0, version.IndexOfAny(['\r', '\n']) is var end and >= 0 ? end : version.Length);
        int major = int.Parse(match.Groups[1].Value);
        if (major < ClangInstallation.MinimumMajor)
        {
            return new ClangInstallation(path, firstLine, major, HasBpf: false, "", []);
        }

        string targets = Answer(path, ["--print-targets"], cancellation, result => result.Output);
        bool hasBpf = Lines(targets).Any(line => line.TrimStart().StartsWith("bpfel", StringComparison.Ordinal));
        string search = Answer(path, ["-v", "-E", "-x", "c", "-"], cancellation, result => result.Error);
        return new ClangInstallation(path, firstLine, major, hasBpf, s_resources.Match(search).Groups["folder"].Value, [.. SystemIncludes(search)]);
    }

    // The kernel's headers need those of this machine's architecture (asm/types.h), which clang does not search when it compiles
    // for bpf. clang itself reports where they are. On systems other than Linux a kernel program cannot use the machine's headers.
    private static IEnumerable<string> SystemIncludes(string verbose)
        => Path.DirectorySeparatorChar == '/' && Directory.Exists("/proc/self")
            ? Lines(verbose)
                .SkipWhile(line => !line.StartsWith("#include <", StringComparison.Ordinal))
                .Skip(1)
                .TakeWhile(line => line.StartsWith(" ", StringComparison.Ordinal))
                .Select(line => line.Trim())
            : [];

    private static string[] Lines(string text) => text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries);

    private static string Answer(string path, string[] question, CancellationToken cancellation, Func<ProcessResult, string> part)
    {
        try
        {
            return part(ProcessRunner.Run(path, question, Path.GetTempPath(), cancellation));
        }
        catch (Exception failure) when (failure is Win32Exception or IOException)
        {
            return "";
        }
    }
}
