using System.Diagnostics;

namespace Hypermesh.Bpf.Tests.Build.Support;

/// <summary>Runs <c>dotnet</c> with nothing inherited that could change what a user would see.</summary>
internal static class DotNet
{
    /// <summary>The program.</summary>
    public static string Program { get; } = Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet"
        ? path
        : Path.Combine(Environment.GetEnvironmentVariable("DOTNET_ROOT") ?? FolderOnPath(), "dotnet");

    /// <summary>Runs a command of <c>dotnet</c> to its end.</summary>
    public static (int ExitCode, string Output) Run(string folder, IReadOnlyDictionary<string, string> environment, params string[] arguments)
        => Run(Program, folder, environment, arguments);

    /// <summary>Runs another program to its end.</summary>
    public static (int ExitCode, string Output) Run(string program, string folder, IReadOnlyDictionary<string, string> environment, string[] arguments)
    {
        using Process process = Start(program, folder, environment, arguments);
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + error.Result);
    }

    /// <summary>Starts a program, whose output nobody reads yet.</summary>
    public static Process Start(string program, string folder, IReadOnlyDictionary<string, string> environment, string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string inherited in start.Environment.Keys.Where(IsOfAnotherBuild).ToArray())
        {
            start.Environment.Remove(inherited);
        }

        start.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        start.Environment["DOTNET_NOLOGO"] = "1";
        // A build lasts a few seconds: what would make longer ones faster costs a seventh of it. 64 MiB are allocated between two collections.
        start.Environment["DOTNET_TieredPGO"] = "0";
        start.Environment["DOTNET_GCgen0size"] = "0x4000000";
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        start.Environment["MSBUILDTERMINALLOGGER"] = "off";
        start.Environment["UseSharedCompilation"] = "false";
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    // The tests may themselves run inside MSBuild (dotnet test), which leaves its own settings to its children.
    private static bool IsOfAnotherBuild(string name)
        => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)
            || name.StartsWith("HYPERMESH_", StringComparison.Ordinal)
            || name is "NUGET_PACKAGES" or "CI" or "TESTINGPLATFORM_UI_LANGUAGE";

    private static string FolderOnPath()
        => Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator).First(folder => File.Exists(Path.Combine(folder, "dotnet")));
}
