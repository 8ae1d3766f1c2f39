using System.Diagnostics;
using System.Text.RegularExpressions;

[assembly: AssemblyFixture(typeof(Hypermesh.Bpf.Tests.Tool.NativeCommand))]

namespace Hypermesh.Bpf.Tests.Tool;

/// <summary>The command compiled ahead of time: once for all tests, when the first of them needs it.</summary>
public sealed partial class NativeCommand : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("hmbpf-native-").FullName;
    private readonly Lazy<string> _command;

    public NativeCommand() => _command = new Lazy<string>(() => Publish(_folder));

    internal string Command => _command.Value;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    internal static string Output(string command, params string[] arguments)
    {
        (int code, string output) = Execute(command, arguments);
        Assert.True(code == 0, output);
        return output;
    }

    private static string Publish(string folder)
    {
        string project = Path.GetFullPath(Path.Combine(Hmbpf.SourceDirectory, "../../src/Hypermesh.Bpf.Tool"));

        // The linker is the compiler's own choice, clang, where that is its name; a machine may have only gcc.
        string linker = OnPath("clang") ? "clang" : "gcc";
        // dotnet leaves empty folders in its temporary folder.
        // The build of the repository has run the analyzers of the same sources; the compiler of native code has its own warnings of trimming.
        string temporary = Directory.CreateDirectory($"{folder}/tmp").FullName;
        (int code, string output) = Execute(
            "env", $"TMPDIR={temporary}", $"NUGET_SCRATCH={Path.GetTempPath()}/NuGetScratch{Environment.UserName}", "dotnet", "publish", project, "-c", "Release", "-r", "linux-x64", "-p:CompilesNative=true", "-p:PackAsTool=false", $"-p:CppCompilerAndLinker={linker}", $"-p:ArtifactsPath={folder}/", "-o", $"{folder}/out",
            "-p:CompilesAhead=false", "-p:RunAnalyzers=false", "-p:EnforceCodeStyleInBuild=false", "--nologo", "-tl:off");
        Assert.True(code == 0, output);
        Assert.DoesNotMatch(TrimmingWarning(), output);
        return $"{folder}/out/hmbpf";
    }

    private static bool OnPath(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, name)));

    private static (int Code, string Output) Execute(string command, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "exec \"$@\" 2>&1", "sh", command, .. arguments]) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }

    [GeneratedRegex("\\bIL[23][0-9]{3}\\b")]
    private static partial Regex TrimmingWarning();
}
