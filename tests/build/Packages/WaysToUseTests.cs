using System.Diagnostics;
using Hypermesh.Bpf.Tests.Build.Support;

namespace Hypermesh.Bpf.Tests.Build.Packages;

/// <summary>The three ways to the package, each as its documentation says it.</summary>
public sealed class WaysToUseTests(PackedFeed feed)
{
    private const string UsesTheSkeleton =
        """
        Packets.Spec spec = Packets.Open();
        Console.WriteLine(spec.Maps.ByProtocol.MaxEntries);
        Console.WriteLine(spec.Programs.CountPackets.SectionName);

        """;

    [Fact]
    public void Dotnet_add_package_is_all_it_takes()
    {
        using UserProject project = new(feed);
        project.Run("new", "console", "--name", "App", "--output", ".").Succeeded();
        project.Write("Program.cs", UsesTheSkeleton);
        project.Write("packets.bpf.c", KernelC.CountsPackets);

        project.Run("add", "package", "Hypermesh.BpfSdk", "--version", PackedFeed.Version).Succeeded();

        project.Build("-warnaserror").Succeeded();
        Assert.Equal("64\nxdp\n", project.Run("bin/Debug/net10.0/App.dll").Succeeded().Output);
    }

    [Fact]
    public void The_package_is_the_projects_sdk()
    {
        using UserProject project = new(feed);
        project.Write(
            "App.csproj",
            $"""
            <Project Sdk="Hypermesh.BpfSdk/{PackedFeed.Version}">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
              </PropertyGroup>
            </Project>
            """);
        project.Write("Program.cs", UsesTheSkeleton);
        project.Write("packets.bpf.c", KernelC.CountsPackets);

        project.Build("-warnaserror").Succeeded();
        Assert.Equal("64\nxdp\n", project.Run("bin/Debug/net10.0/App.dll").Succeeded().Output);
    }

    [Theory]
    [InlineData("Microsoft.NET.Sdk.Web;Hypermesh.BpfSdk/" + PackedFeed.Version)]
    [InlineData("Hypermesh.BpfSdk/" + PackedFeed.Version + ";Microsoft.NET.Sdk.Web")]
    [InlineData("Microsoft.NET.Sdk;Hypermesh.BpfSdk/" + PackedFeed.Version)]
    [InlineData("Hypermesh.BpfSdk/" + PackedFeed.Version + "; Microsoft.NET.Sdk")]
    public void The_package_is_one_sdk_of_several(string sdks)
    {
        using UserProject project = new(feed);
        project.Write("App.csproj", $"""<Project Sdk="{sdks}"><PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings></PropertyGroup></Project>""");
        bool isWeb = sdks.Contains("Web", StringComparison.Ordinal);
        project.Write("Program.cs", (isWeb ? "_ = WebApplication.CreateBuilder();\n" : "") + UsesTheSkeleton);
        project.Write("packets.bpf.c", KernelC.CountsPackets);

        Assert.Equal(1, project.Build("-warnaserror").Succeeded().ClangRuns);
        Assert.Equal("64\nxdp\n", project.Run("bin/Debug/net10.0/App.dll").Succeeded().Output);
    }

    [Fact]
    public void A_trimmed_single_file_runs()
    {
        using UserProject project = UserProject.Console(feed, properties: "<PublishTrimmed>true</PublishTrimmed><PublishSingleFile>true</PublishSingleFile><InvariantGlobalization>true</InvariantGlobalization><NoWarn>HMBPF3004</NoWarn>");
        project.Write("Main.cs", """
            Packets.Spec spec = Packets.Open();
            Console.WriteLine(spec.Maps.ByProtocol.MaxEntries);
            if (Environment.IsPrivilegedProcess)
            {
                using Packets live = spec.Load();
                live.Maps.ByProtocol[1] = 2;
                Console.WriteLine(live.Maps.ByProtocol[1]);
            }

            """);
        project.Write("packets.bpf.c", KernelC.CountsPackets);

        project.Run("publish", "--self-contained", "--use-current-runtime", "-warnaserror", "-nodeReuse:false", "--output", "published").Succeeded();

        Assert.Equal(["App"], Directory.GetFiles(project.PathOf("published")).Select(Path.GetFileName).Where(static name => !name!.EndsWith(".pdb", StringComparison.Ordinal)));
        using Process process = Process.Start(new ProcessStartInfo(project.PathOf("published/App")) { RedirectStandardOutput = true })!;
        Assert.Equal(Environment.IsPrivilegedProcess ? "64\n2\n" : "64\n", process.StandardOutput.ReadToEnd());
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    [Fact]
    public void A_package_that_is_sdk_and_reference_compiles_once()
    {
        using UserProject project = UserProject.Console(feed);
        project.Write("App.csproj", File.ReadAllText(project.PathOf("App.csproj")).Replace("\"Microsoft.NET.Sdk\"", $"\"Hypermesh.BpfSdk/{PackedFeed.Version}\""));
        project.Write("packets.bpf.c", KernelC.CountsPackets);

        Assert.Equal(1, project.Build("-warnaserror").Succeeded().ClangRuns);
        Assert.Equal("Hypermesh.Bpf/App.Packets.bpf.o\n", project.Run("bin/Debug/net10.0/App.dll").Succeeded().Output);
    }

    [Fact]
    public void A_one_file_program_takes_the_C_named_like_it_and_sees_its_changes()
    {
        using UserProject project = new(feed);
        // A folder of its own for what such a program builds, which otherwise lies in the user's home.
        project.Environment["XDG_DATA_HOME"] = Directory.CreateDirectory(project.PathOf("home")).FullName;
        project.Write("packets.cs", $"#:sdk Hypermesh.BpfSdk@{PackedFeed.Version}\n#:property PublishAot=false\n{UsesTheSkeleton}");
        project.Write("packets.bpf.c", KernelC.CountsPackets);
        project.Write("other.bpf.c", "this is no C\n");

        BuildResult first = project.Run("run", "packets.cs").Succeeded();
        Assert.Equal("64\nxdp\n", first.Output);
        Assert.Equal(1, first.ClangRuns);

        project.Write("packets.bpf.c", KernelC.CountsPackets.Replace("max_entries, 64", "max_entries, 32"));
        Assert.Equal("32\nxdp\n", project.Run("run", "packets.cs").Succeeded().Output);
    }

    [Fact]
    public void C_of_another_name_beside_a_one_file_program_is_reported()
    {
        using UserProject project = new(feed);
        project.Environment["XDG_DATA_HOME"] = Directory.CreateDirectory(project.PathOf("home")).FullName;
        project.Write("app.cs", $"#:sdk Hypermesh.BpfSdk@{PackedFeed.Version}\n#:property PublishAot=false\nSystem.Console.WriteLine(1);\n");
        project.Write("packets.bpf.c", KernelC.CountsPackets);
        project.Write("other.cs", "");
        project.Write("other.bpf.c", KernelC.CountsPackets);

        string warning = Assert.Single(project.Run("build", "app.cs").Succeeded().Diagnostics("HMBPF0015"));

        Assert.Contains("packets.bpf.c(", warning, StringComparison.Ordinal);
        Assert.Contains("Rename it to app.bpf.c, or rename app.cs to packets.cs.", warning, StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_key_type_does_not_compile()
    {
        using UserProject project = UserProject.Console(feed);
        project.Write("packets.bpf.c", KernelC.CountsPackets);
        project.Write("Use.cs", "static class Use { static bool Has(Packets live) => live.Maps.ByProtocol.TryGetValue(\"eth0\", out _); }\n");

        BuildResult build = project.Build().Failed();

        Assert.Contains("Use.cs(1,", Assert.Single(build.Diagnostics("CS1503")));

        project.Write("Use.cs", "static class Use { static bool Has(Packets live) => live.Maps.ByProtocol.TryGetValue(1u, out ulong _); }\n");
        project.Build().Succeeded();
    }

    [Fact]
    public void A_project_that_refers_to_a_library_with_skeletons_compiles_no_C()
    {
        using UserProject project = UserProject.Console(feed, "Library", "<OutputType>Library</OutputType><AssemblyName>Some.Library</AssemblyName><RootNamespace>Some.Library</RootNamespace>");
        File.Delete(project.PathOf("Main.cs"));
        project.Write("packets.bpf.c", KernelC.CountsPackets);
        project.Write("user/App.csproj", """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings></PropertyGroup>
              <ItemGroup><ProjectReference Include="../App.csproj" /></ItemGroup>
            </Project>
            """);
        project.Write("App.csproj", File.ReadAllText(project.PathOf("App.csproj")).Replace("</PropertyGroup>", "<DefaultItemExcludes>$(DefaultItemExcludes);user/**</DefaultItemExcludes></PropertyGroup>"));
        project.Write("user/Program.cs", "Console.WriteLine(Some.Library.Packets.Open().Maps.ByProtocol.MaxEntries);\n");
        project.Write("user/ignored.bpf.c", "this is no C\n");

        Assert.Equal(1, project.Run("build", "user", "-v:n", "-nodeReuse:false", "-warnaserror").Succeeded().ClangRuns);
        Assert.Equal("64\n", project.Run("user/bin/Debug/net10.0/App.dll").Succeeded().Output);
    }

    [Theory]
    [InlineData("TargetFramework", false)]
    [InlineData("TargetFrameworks", false)]
    [InlineData("TargetFrameworks", true)]
    public void A_package_brings_its_C_headers(string frameworks, bool asSdk)
    {
        // Packages are kept by their name.
        string package = $"Some.Headers.{frameworks}{asSdk}";
        using UserProject project = UserProject.Console(feed, "Headers", $"<OutputType>Library</OutputType><Version>1.0.0</Version><AssemblyName>{package}</AssemblyName><IncludeBuildOutput>false</IncludeBuildOutput>", """<BpfHeader Include="include/**/*.h" />""");
        string text = File.ReadAllText(project.PathOf("App.csproj")).Replace("TargetFramework>", frameworks + ">", StringComparison.Ordinal);
        project.Write("App.csproj", asSdk ? text.Replace("\"Microsoft.NET.Sdk\"", $"\"Hypermesh.BpfSdk/{PackedFeed.Version}\"", StringComparison.Ordinal).Replace("<PackageReference", "<None", StringComparison.Ordinal) : text);
        File.Delete(project.PathOf("Main.cs"));
        project.Write("include/shared/limits.h", "#define ENTRIES 48\n");
        project.Run("pack", "-o", feed.Packages + $"-headers-{frameworks}{asSdk}", "-nodeReuse:false").Succeeded();

        using UserProject user = UserProject.Console(feed, properties: $"<RestoreAdditionalProjectSources>{feed.Packages}-headers-{frameworks}{asSdk}</RestoreAdditionalProjectSources>", items: $"""<PackageReference Include="{package}" Version="1.0.0" />""");
        user.Write("packets.bpf.c", "#include <shared/limits.h>\n" + KernelC.CountsPackets.Replace("max_entries, 64", "max_entries, ENTRIES"));
        user.Write("Main.cs", "Console.WriteLine(Packets.Open().Maps.ByProtocol.MaxEntries);\n");

        user.Build("-warnaserror").Succeeded();
        Assert.Equal("48\n", user.Run("bin/Debug/net10.0/App.dll").Succeeded().Output);
    }

    [Fact]
    public void Headers_that_lose_their_folders_are_reported_when_they_are_packed()
    {
        using UserProject project = UserProject.Console(
            feed, "Headers", "<OutputType>Library</OutputType><Version>1.0.0</Version><AssemblyName>Some.Headers.Flat</AssemblyName><IncludeBuildOutput>false</IncludeBuildOutput>",
            """<BpfIncludePath Include="include" /><BpfHeader Include="include/acme/events.h" /><BpfHeader Include="include/plain.h" />""");
        File.Delete(project.PathOf("Main.cs"));
        project.Write("include/acme/events.h", "#define ENTRIES 48\n");
        project.Write("include/plain.h", "#define PLAIN 1\n");

        string warning = Assert.Single(project.Run("pack", "-o", feed.Packages + "-headers-flat", "-nodeReuse:false").Succeeded().Diagnostics("HMBPF0025"));

        Assert.Contains("The headers of include/acme/ are packed without their folders", warning, StringComparison.Ordinal);
        Assert.Contains("Write <BpfHeader Include=\"include/**/*.h\" />", warning, StringComparison.Ordinal);
        project.Write("App.csproj", File.ReadAllText(project.PathOf("App.csproj")).Replace("include/acme/events.h", "include/**/*.h", StringComparison.Ordinal).Replace("<BpfHeader Include=\"include/plain.h\" />", "", StringComparison.Ordinal));
        Assert.Empty(project.Run("pack", "-o", feed.Packages + "-headers-flat", "-nodeReuse:false").Succeeded().Diagnostics("HMBPF0025"));
    }

    [Fact]
    public void A_library_with_skeletons_is_used_without_clang()
    {
        using UserProject project = UserProject.Console(feed, "Library", "<IsPackable>true</IsPackable><OutputType>Library</OutputType><Version>1.0.0</Version><AssemblyName>Some.Library</AssemblyName><GenerateDocumentationFile>true</GenerateDocumentationFile><RootNamespace>Some.Library</RootNamespace>");
        File.Delete(project.PathOf("Main.cs"));
        project.Write("packets.bpf.c", KernelC.CountsPackets);
        project.Run("pack", "-o", feed.Packages + "-library", "-nodeReuse:false").Succeeded();

        using UserProject user = new(feed);
        user.Write(
            "App.csproj",
            $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><ImplicitUsings>enable</ImplicitUsings>
                <RestoreAdditionalProjectSources>{feed.Packages}-library</RestoreAdditionalProjectSources>
              </PropertyGroup>
              <ItemGroup><PackageReference Include="Some.Library" Version="1.0.0" /></ItemGroup>
            </Project>
            """);
        user.Write("Program.cs", """
            var spec = Some.Library.Packets.Open();
            Console.WriteLine(spec.Maps.ByProtocol.MaxEntries);
            if (Environment.IsPrivilegedProcess)
            {
                using var packets = spec.Load();
                packets.Maps.ByProtocol[1] = 2;
                Console.WriteLine(packets.Maps.ByProtocol[1]);
            }

            """);
        user.Write("ignored.bpf.c", "this is no C\n");
        user.Environment["HYPERMESH_BPF_CLANG"] = "/nowhere";

        // No program of any kind can be found.
        user.Environment["PATH"] = Directory.CreateDirectory(user.PathOf("empty")).FullName;

        Assert.Equal(0, user.Build().Succeeded().ClangRuns);
        Assert.Equal(Environment.IsPrivilegedProcess ? "64\n2\n" : "64\n", user.Run("bin/Debug/net10.0/App.dll").Succeeded().Output);

        // Who reads on sees what the C says.
        Assert.Contains("count_packets", File.ReadAllText(Path.Combine(feed.Packages, "some.library", "1.0.0", "lib", "net10.0", "Some.Library.xml")), StringComparison.Ordinal);
    }
}
