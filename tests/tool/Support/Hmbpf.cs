using System.Diagnostics;
using System.Text.Json;

namespace Hypermesh.Bpf.Tests.Tool.Support;

/// <summary>Runs the command as a user would, its output into a pipe.</summary>
internal static class Hmbpf
{
    internal sealed record Outcome(int ExitCode, string Output, string Error)
    {
        internal JsonElement Json => JsonDocument.Parse(Output).RootElement;

        internal string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    internal static string TestData(string name) => Path.Combine(AppContext.BaseDirectory, "testdata", name);

    internal static Outcome Run(params string[] arguments) => RunWith(null, null, arguments);

    internal static Outcome RunWith(string? variable, string? value, params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } path && Path.GetFileName(path) == "dotnet" ? path : "dotnet", [Path.Combine(AppContext.BaseDirectory, "hmbpf.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (variable is not null)
        {
            start.Environment[variable] = value;
        }

        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new Outcome(process.ExitCode, output, error.Result);
    }

    internal static void NeedsRoot() => Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "needs root on Linux");
}
