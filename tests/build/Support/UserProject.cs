namespace Hypermesh.Bpf.Tests.Build.Support;

/// <summary>A project as a user has it, in a folder of its own, with a clang that counts its calls.</summary>
internal sealed class UserProject : IDisposable
{
    private readonly PackedFeed _feed;
    private readonly TemporaryFolder _folder = new();
    private readonly string _clangCalls;

    /// <summary>Makes an empty folder that sees the packed feed beside the machine's own package sources.</summary>
    public UserProject(PackedFeed feed, string folderName = "App")
    {
        _feed = feed;
        Folder = Directory.CreateDirectory(Path.Combine(_folder.Path, folderName)).FullName;
        _clangCalls = Path.Combine(_folder.Path, "clang.calls");
        Clang = Path.Combine(_folder.Path, "counted-clang");
        WriteProgram(Clang, $"printf '%s\\n' \"$*\" >> '{_clangCalls}'; exec '{feed.Clang}' \"$@\"");
        File.WriteAllText(
            Path.Combine(_folder.Path, "nuget.config"),
            $"""<configuration><packageSources><add key="packed" value="{feed.Feed}" /></packageSources></configuration>""");
        Environment["NUGET_PACKAGES"] = feed.Packages;
        Environment["HYPERMESH_BPF_CLANG"] = Clang;
        foreach ((string name, string value) in feed.Compiler)
        {
            Environment[name] = value;
        }

        // The commands of dotnet leave empty folders in the temporary folder, and so does every process that is killed. NuGet's locks stay shared, like its packages.
        Environment["TMPDIR"] = Directory.CreateDirectory(Path.Combine(_folder.Path, "tmp")).FullName;
        Environment["NUGET_SCRATCH"] = Path.Combine(Path.GetDirectoryName(feed.Packages)!, "locks");
    }

    /// <summary>The project's folder.</summary>
    public string Folder { get; }

    /// <summary>The folder around it, which goes with it.</summary>
    public string Root => _folder.Path;

    /// <summary>The clang that counts.</summary>
    public string Clang { get; }

    /// <summary>What the commands run with.</summary>
    public Dictionary<string, string> Environment { get; } = new(StringComparer.Ordinal);

    /// <summary>A console application that references the package.</summary>
    public static UserProject Console(PackedFeed feed, string folderName = "App", string properties = "", string items = "")
    {
        UserProject project = new(feed, folderName);
        project.Write(
            "App.csproj",
            $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                {properties}
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="Hypermesh.BpfSdk" Version="{PackedFeed.Version}" />
                {items}
              </ItemGroup>
            </Project>
            """);
        project.Write("Main.cs", CSharp.ListsResources);
        return project;
    }

    /// <summary>The full path of a file of the project.</summary>
    public string PathOf(string file) => Path.Combine(Folder, file);

    /// <summary>Writes a file of the project.</summary>
    public void Write(string file, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(PathOf(file))!);
        File.WriteAllText(PathOf(file), text);
    }

    /// <summary>Writes a shell script that can be run.</summary>
    public static void WriteProgram(string path, string script)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, "#!/bin/sh\n" + script + "\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>Builds, with output detailed enough to see which compilers ran.</summary>
    public BuildResult Build(params string[] arguments) => Run(["build", "-v:n", "-nodeReuse:false", .. arguments]);

    /// <summary>Runs a command of <c>dotnet</c> in the project's folder.</summary>
    public BuildResult Run(params string[] arguments)
    {
        int before = Compilations;
        (int exitCode, string output) = DotNet.Run(Folder, Environment, arguments);
        return new BuildResult(exitCode, output, Compilations - before);
    }

    /// <summary>Runs a line of the shell in a folder, with this <c>dotnet</c> before others.</summary>
    public BuildResult Shell(string folder, string command)
    {
        Dictionary<string, string> environment = new(Environment) { ["PATH"] = $"{Path.GetDirectoryName(DotNet.Program)}:{System.Environment.GetEnvironmentVariable("PATH")}" };
        int before = Compilations;
        (int exitCode, string output) = DotNet.Run("/bin/bash", folder, environment, ["-c", command]);
        return new BuildResult(exitCode, output, Compilations - before);
    }

    /// <summary>A file that the build made in its folder for BPF.</summary>
    public string Output(string file) => PathOf(Path.Combine("obj", "Debug", "net10.0", "bpf", file));

    /// <inheritdoc/>
    public void Dispose() => _folder.Dispose();

    // Questions about version and targets are no compilations.
    private int Compilations => File.Exists(_clangCalls) ? File.ReadLines(_clangCalls).Count(call => call.Contains(".rsp", StringComparison.Ordinal)) : 0;
}
