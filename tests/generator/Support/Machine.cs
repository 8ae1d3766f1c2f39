using System.Diagnostics;

namespace Hypermesh.Bpf.Tests.Generator.Support;

/// <summary>Tools that may be missing: a test that needs one is skipped with that reason.</summary>
internal static class Machine
{
    /// <summary>The repository.</summary>
    public static string Repository { get; } = FindRepository();

    /// <summary>Skips the test where a tool cannot be started.</summary>
    public static void Need(string tool) => Assert.SkipUnless(Find(tool) is not null, $"{tool} is needed, and is not on PATH");

    /// <summary>Where a tool is: a user's PATH may lack the administrator's folders.</summary>
    public static string PathOf(string tool) => Find(tool) ?? tool;

    /// <summary>The clang HYPERMESH_BPF_CLANG names, else the newest on PATH that is at least 16; skips the test without one.</summary>
    public static string Clang()
    {
        if (Environment.GetEnvironmentVariable("HYPERMESH_BPF_CLANG") is { Length: > 0 } named)
        {
            return named;
        }

        string? found = Enumerable.Range(16, 24).Reverse().Select(version => $"clang-{version}").FirstOrDefault(name => Find(name) is not null);
        Assert.SkipUnless(found is not null, "clang 16 or newer is needed, and no clang-NN is on PATH");
        return found;
    }

    /// <summary>Runs a program to its end.</summary>
    /// <returns>Its exit code, and all it said.</returns>
    public static (int ExitCode, string Output) Run(string program, params IEnumerable<string> arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.Result);
    }

    private static string? Find(string tool)
        => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Append("/usr/sbin").Select(folder => Path.Combine(folder, tool)).FirstOrDefault(File.Exists);

    private static string FindRepository()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "global.json")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException("the tests run outside of their repository");
    }
}
