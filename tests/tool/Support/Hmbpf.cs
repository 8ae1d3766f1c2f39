using System.Diagnostics;
using System.Reflection;
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

    internal static Outcome Run(params string[] arguments) => Execute(new ProcessStartInfo(Dotnet, [Command, .. arguments]));

    internal static Outcome RunWith(string variable, string value, params string[] arguments)
        => Execute(new ProcessStartInfo(Dotnet, [Command, .. arguments]) { Environment = { [variable] = value } });

    /// <summary>The same with its output into a file.</summary>
    internal static Outcome RunInto(string file, params string[] arguments)
        => Execute(new ProcessStartInfo("/bin/sh", ["-c", $"exec \"$@\" > {file}", "sh", Dotnet, Command, .. arguments]));

    /// <summary>Starts it in a folder, with Ctrl-C in effect: a shell that runs the tests in its background has them ignore the signal.</summary>
    internal static Process StartIn(string folder, string[] arguments)
        => Process.Start(new ProcessStartInfo("env", ["--default-signal=INT", Dotnet, Command, .. arguments])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;

    /// <summary>The folder of the tests' project.</summary>
    internal static string SourceDirectory
        => typeof(Hmbpf).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static data => data.Key == "SourceDirectory").Value!;

    internal static string Dotnet => Environment.ProcessPath is { } path && Path.GetFileName(path) == "dotnet" ? path : "dotnet";

    internal static string Command => Path.Combine(AppContext.BaseDirectory, "hmbpf.dll");

    private static Outcome Execute(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new Outcome(process.ExitCode, output, error.Result);
    }

    internal static void NeedsRoot() => Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "needs root on Linux");
}
