using System.IO.Compression;
using System.Text.RegularExpressions;
using Hypermesh.Bpf.Tests.Build.Support;

namespace Hypermesh.Bpf.Tests.Build.Packages;

/// <summary>Projects in other languages, or with other settings of C#, get skeletons without a warning or one message.</summary>
public sealed class ProjectLanguageTests(PackedFeed feed)
{
    [Fact]
    public void A_framework_older_than_the_runtime_library_is_one_error()
    {
        using UserProject project = UserProject.Console(feed);
        string text = File.ReadAllText(project.PathOf("App.csproj"));
        project.Write("App.csproj", text.Replace("net10.0", "netstandard2.1", StringComparison.Ordinal).Replace("<OutputType>Exe</OutputType>", "", StringComparison.Ordinal));
        project.Write("packets.bpf.c", KernelC.CountsPackets);

        string error = Assert.Single(project.Build().Failed().Diagnostics(@"\w+"));

        Assert.Contains("error HMBPF0022: ", error, StringComparison.Ordinal);
        Assert.Contains("requires .NET 10, and the project is for netstandard2.1. Write <TargetFramework>net10.0</TargetFramework>", error, StringComparison.Ordinal);
        project.Write("App.csproj", text);
        project.Build().Succeeded();
    }

    [Fact]
    public void Options_of_clang_among_the_macros_are_an_error_at_the_item()
    {
        const string Item = """<BpfCompile Update="packets.bpf.c" Defines="-DVERBOSE;LEVEL=2" IncludePaths="-Iinclude" />""";
        using UserProject project = UserProject.Console(feed, items: Item);
        project.Write("packets.bpf.c", KernelC.CountsPackets);
        string path = project.PathOf("App.csproj");
        int line = Array.FindIndex(File.ReadAllLines(path), static line => line.Contains("-DVERBOSE", StringComparison.Ordinal)) + 1;

        IReadOnlyList<string> errors = [.. project.Build().Failed().Diagnostics("HMBPF0014")];

        Assert.Equal(2, errors.Count);
        Assert.All(errors, error => Assert.Contains($"App.csproj({line}): error HMBPF0014: ", error, StringComparison.Ordinal));
        Assert.Contains(errors, static error => error.Contains("Write Defines=\"VERBOSE;LEVEL=2\"", StringComparison.Ordinal));
        Assert.Contains(errors, static error => error.Contains("Write IncludePaths=\"include\"", StringComparison.Ordinal));
        project.Write("App.csproj", File.ReadAllText(path).Replace("-DVERBOSE", "VERBOSE", StringComparison.Ordinal).Replace("-Iinclude", "include", StringComparison.Ordinal));
        project.Build().Succeeded();
    }

    [Fact]
    public void A_comma_between_macros_is_an_error_at_the_item()
    {
        using UserProject project = UserProject.Console(feed, items: """<BpfCompile Update="packets.bpf.c" Defines="LEVEL=2,VERBOSE" />""");
        project.Write("packets.bpf.c", KernelC.CountsPackets);

        Assert.Contains("Write Defines=\"LEVEL=2;VERBOSE\".", Assert.Single(project.Build().Failed().Diagnostics("HMBPF0014")), StringComparison.Ordinal);

        string path = project.PathOf("App.csproj");
        project.Write("App.csproj", File.ReadAllText(path).Replace("LEVEL=2,VERBOSE", "PAIR=1,2;VERBOSE", StringComparison.Ordinal));
        project.Build().Succeeded();
    }

    [Fact]
    public void C_that_no_item_names_is_reported_where_nothing_is_compiled()
    {
        using UserProject project = UserProject.Console(feed);
        project.Write("packets.c", KernelC.CountsPackets);
        project.Write("native/plain.c", "#include <stdio.h>\nint main(void) { return 0; }\n");

        string warning = Assert.Single(project.Build().Succeeded().Diagnostics("HMBPF0015"));

        Assert.Contains("packets.c(", warning, StringComparison.Ordinal);
        Assert.Contains("Rename it to packets.bpf.c, or write <BpfCompile Include=\"packets.c\" />", warning, StringComparison.Ordinal);
        File.Move(project.PathOf("packets.c"), project.PathOf("packets.bpf.c"));
        Assert.Empty(project.Build().Succeeded().Diagnostics(@"HMBPF\w+"));
    }

    [Theory]
    [InlineData("Defin", "Defines")]
    [InlineData("Define", "Defines")]
    [InlineData("defins", "Defines")]
    [InlineData("IncludePath", "IncludePaths")]
    [InlineData("IncludeDirs", "IncludePaths")]
    [InlineData("ClasName", "ClassName")]
    [InlineData("Class", "ClassName")]
    [InlineData("Flags", "AdditionalOptions")]
    [InlineData("Options", "AdditionalOptions")]
    [InlineData("Kernel", "MinimumKernel")]
    [InlineData("MinKernel", "MinimumKernel")]
    [InlineData("BpfMinimumKernel", "MinimumKernel")]
    [InlineData("Endianess", "Endianness")]
    [InlineData("Defines", "")]
    [InlineData("namespace", "")]
    [InlineData("Generator", "")]
    [InlineData("Link", "")]
    [InlineData("Visible", "")]
    [InlineData("CopyToOutputDirectory", "")]
    [InlineData("Team", "")]
    public void Misspelt_metadata_has_a_known_name_and_other_metadata_has_none(string written, string known)
        => Assert.Equal(known, Hypermesh.BpfSdk.Tasks.Programs.KnownMetadata.Meant(written));

    [Fact]
    public void Misspelt_metadata_is_a_warning_at_its_line_of_the_project()
    {
        using UserProject project = UserProject.Console(feed, items: """
            <None Include="notes.txt" Defin="of another item" />
            <BpfCompile Update="*.bpf.c" Defin="LEVEL=2" Team="network" />
            """);
        project.Write("packets.bpf.c", KernelC.CountsPackets);
        project.Write("more.bpf.c", KernelC.CountsPackets);

        string warning = Assert.Single(project.Build().Succeeded().Diagnostics("HMBPF0026"));

        int line = Array.FindIndex(File.ReadAllLines(project.PathOf("App.csproj")), static line => line.Contains("LEVEL=2", StringComparison.Ordinal)) + 1;
        Assert.Contains($"App.csproj({line}", warning, StringComparison.Ordinal);
        Assert.Contains("The metadata Defin of <BpfCompile> for ", warning, StringComparison.Ordinal);
        Assert.Contains("Write Defines=\"LEVEL=2\".", warning, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("IncludeAssets=\"runtime; build; native; contentfiles; analyzers; buildtransitive\" PrivateAssets=\"all\"", "error", "compile, so the C# compiler does not get Hypermesh.Bpf")]
    [InlineData("IncludeAssets=\"compile;build\"", "warning", "runtime, so Hypermesh.Bpf is not beside the program")]
    [InlineData("ExcludeAssets=\"Compile\"", "error", "compile, so")]
    [InlineData("IncludeAssets=\"all\" ExcludeAssets=\"native\" PrivateAssets=\"build\"", "", "")]
    public void A_reference_without_the_library_is_reported_once_with_what_to_write(string attributes, string severity, string text)
    {
        using UserProject project = UserProject.Console(feed);
        project.Write("App.csproj", File.ReadAllText(project.PathOf("App.csproj")).Replace("Include=\"Hypermesh.BpfSdk\"", $"Include=\"Hypermesh.BpfSdk\" {attributes}", StringComparison.Ordinal));
        project.Write("packets.bpf.c", KernelC.CountsPackets);

        BuildResult build = project.Build();

        IReadOnlyList<string> told = (severity == "error" ? build.Failed() : build.Succeeded()).Diagnostics("HMBPF0030");
        Assert.Equal(severity.Length > 0 ? 1 : 0, told.Count);
        Assert.All(told, one =>
        {
            Assert.Contains($"App.csproj : {severity} HMBPF0030: The reference to Hypermesh.BpfSdk leaves out the assets {text}", one, StringComparison.Ordinal);
            Assert.Contains("write <PackageReference Include=\"Hypermesh.BpfSdk\" Version=\"…\" /> without IncludeAssets, ExcludeAssets and PrivateAssets", one, StringComparison.Ordinal);
        });
        Assert.Empty(build.Diagnostics("CS0400"));
    }

    [Theory]
    [InlineData("BpfMinimumKernal", "BpfMinimumKernel")]
    [InlineData("BpfMinKernel", "BpfMinimumKernel")]
    [InlineData("BpfVerfy", "BpfVerify")]
    [InlineData("bpfverfy", "BpfVerify")]
    [InlineData("BpfClang", "BpfClangPath")]
    [InlineData("BpfVmLinux", "")]
    [InlineData("BpfVmlinx", "BpfVmlinux")]
    [InlineData("BpfEndianess", "BpfEndianness")]
    [InlineData("EnableDefaultBpfItem", "EnableDefaultBpfItems")]
    [InlineData("EnableDefaultItems", "")]
    [InlineData("BpfVerify", "")]
    [InlineData("BpfDefines", "")]
    [InlineData("BpfDevice", "")]
    [InlineData("BpfVerifyTimeout", "")]
    [InlineData("Bpf", "")]
    public void A_misspelt_property_has_a_known_name_and_another_one_has_none(string written, string known)
        => Assert.Equal(known, Hypermesh.BpfSdk.Tasks.Programs.MisspeltProperties.Meant(written));

    [Fact]
    public void A_misspelt_property_is_a_warning_where_it_is_set()
    {
        using UserProject project = UserProject.Console(feed, properties: """
            <BpfMinimumKernal>6.1</BpfMinimumKernal>
            <BpfMcpus>v3;v4</BpfMcpus>
            <Cpus>$(BpfMcpus.Length)</Cpus>
            """);
        project.Write("Directory.Build.props", """
            <Project>
              <PropertyGroup Condition="'$(Configuration)' == 'Debug'">
                <BpfDocumentaton>required</BpfDocumentaton>
                <BpfDevice>lo</BpfDevice>
                <BpfCheckLayout>yes</BpfCheckLayout>
              </PropertyGroup>
            </Project>
            """);
        project.Write("packets.bpf.c", KernelC.CountsPackets);

        IReadOnlyList<string> told = project.Build("-p:BpfVerfy=true", "-p:BpfUpdatePrebuilt=off").Succeeded().Diagnostics("HMBPF0029");

        Assert.Equal(5, told.Count);
        int line = Array.FindIndex(File.ReadAllLines(project.PathOf("App.csproj")), static line => line.Contains("Kernal", StringComparison.Ordinal)) + 1;
        Assert.Single(told, one => one.Contains($"App.csproj({line}", StringComparison.Ordinal)
            && one.Contains("The property BpfMinimumKernal has no effect: nothing reads it. Write <BpfMinimumKernel>6.1</BpfMinimumKernel>.", StringComparison.Ordinal));
        Assert.Single(told, static one => one.Contains("Directory.Build.props(3", StringComparison.Ordinal) && one.Contains("Write <BpfDocumentation>required</BpfDocumentation>.", StringComparison.Ordinal));
        Assert.Single(told, static one => one.Contains("Write -p:BpfVerify=true.", StringComparison.Ordinal));
        Assert.Single(told, static one => one.Contains("Directory.Build.props(5", StringComparison.Ordinal)
            && one.Contains("The property BpfCheckLayout is 'yes', which has no effect: it can be true or false. Write <BpfCheckLayout>true</BpfCheckLayout>.", StringComparison.Ordinal));
        Assert.Single(told, static one => one.Contains("Write -p:BpfUpdatePrebuilt=false.", StringComparison.Ordinal));
    }

    [Fact]
    public void A_misspelt_property_of_a_one_file_program_is_a_warning_at_its_line()
    {
        using var folder = new TemporaryFolder();
        string file = Path.Combine(folder.Path, "app.cs");
        File.WriteAllText(file, "#:sdk Hypermesh.BpfSdk\n#:property BpfMinimumKernal=6.1\n#:property BpfMcpu=v3\n");

        Hypermesh.BpfSdk.Tasks.Programs.MisspeltProperty found = Assert.Single(Hypermesh.BpfSdk.Tasks.Programs.MisspeltProperties.In([file, "/no/such/file"], []));

        Assert.Equal((file, 2, "6.1", "BpfMinimumKernel"), (found.File, found.Line, found.Value, found.Known));
    }

    [Fact]
    public void An_update_of_no_file_and_a_property_that_is_an_item_are_warnings_with_what_to_write()
    {
        using UserProject project = UserProject.Console(feed, properties: "<BpfIncludePath>headers</BpfIncludePath><BpfDefines>LEVEL=2</BpfDefines>", items: """
            <BpfCompile Update="bpf/packets.bpf.c" Defines="LEVEL=2" />
            <BpfCompile Update="packet.bpf.c" Defines="LEVEL=2" />
            <BpfCompile Update="more.c" Defines="LEVEL=2" />
            <BpfCompile Update="packets.bpf.c" Defines="LEVEL=2" />
            """);
        project.Write("packets.bpf.c", KernelC.CountsPackets);
        project.Write("more.c", KernelC.CountsPackets);

        BuildResult build = project.Build().Succeeded();

        string[] lines = File.ReadAllLines(project.PathOf("App.csproj"));
        IReadOnlyList<string> updates = build.Diagnostics("HMBPF0028");
        Assert.Equal(3, updates.Count);
        Says("bpf/packets.bpf.c", "no C file of the project has this name. Name a file from the project's folder, such as Update=\"packets.bpf.c\".");
        Says("packet.bpf.c", "Write Update=\"packets.bpf.c\".");
        Says("more.c", "Write Include=\"more.c\".");
        IReadOnlyList<string> properties = build.Diagnostics("HMBPF0027");
        Assert.Equal(2, properties.Count);
        Assert.Single(properties, static told => told.Contains("Write <ItemGroup><BpfIncludePath Include=\"headers\" /></ItemGroup>", StringComparison.Ordinal));
        Assert.Single(properties, static told => told.Contains("<BpfCompile Update=\"**/*.bpf.c\" Defines=\"LEVEL=2\" />", StringComparison.Ordinal));

        void Says(string name, string remedy)
        {
            int line = Array.FindIndex(lines, text => text.Contains($"Update=\"{name}\"", StringComparison.Ordinal)) + 1;
            string told = Assert.Single(updates, update => update.Contains($"<BpfCompile Update=\"{name}\"> has no effect", StringComparison.Ordinal));
            Assert.Contains($"App.csproj({line}", told, StringComparison.Ordinal);
            Assert.Contains(remedy, told, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("""<ItemGroup><BpfCompile Update="a.bpf.c" /></ItemGroup>""")]
    [InlineData("""<ItemGroup><BpfCompile Update="./A.bpf.c;bpf\b.bpf.c" /></ItemGroup>""")]
    [InlineData("""<ItemGroup><BpfCompile Update="**/*.bpf.c" /></ItemGroup>""")]
    [InlineData("""<ItemGroup><BpfCompile Update="b*/?.bpf.c" /></ItemGroup>""")]
    [InlineData("""<ItemGroup><BpfCompile Update="../c.bpf.c" /></ItemGroup>""")]
    [InlineData("""<ItemGroup><BpfCompile Update="$(Mine);@(Others)" /></ItemGroup>""")]
    [InlineData("""<ItemGroup><BpfCompile Update="none.bpf.c" Condition="'$(Configuration)' == 'Release'" /></ItemGroup>""")]
    [InlineData("""<ItemGroup Condition="'$(Configuration)' == 'Release'"><BpfCompile Update="none.bpf.c" /></ItemGroup>""")]
    [InlineData("""<Choose><When Condition="false"><ItemGroup><BpfCompile Update="none.bpf.c" /></ItemGroup></When></Choose>""")]
    [InlineData("""<ItemGroup><None Update="none.bpf.c" /><BpfCompile Include="none.bpf.c" /></ItemGroup>""")]
    [InlineData("""<ItemGroup><BpfCompile Update="none.bpf.c" /></ItemGroup>""", "none.bpf.c")]
    [InlineData("""<ItemGroup><BpfCompile Update="a.bpf.c;b.bpf.c" /></ItemGroup>""", "b.bpf.c")]
    [InlineData("""<ItemGroup><BpfCompile Update="other/*.bpf.c" /></ItemGroup>""", "other/*.bpf.c")]
    [InlineData("""<ItemGroup><BpfCompile Update="none.bpf.c" </ItemGroup>""")]
    public void An_update_is_compared_with_the_items_that_there_are(string items, params string[] unmatched)
    {
        using var folder = new TemporaryFolder();
        string project = Path.Combine(folder.Path, "App.csproj");
        File.WriteAllText(project, $"<Project>\n{items}\n</Project>");

        IReadOnlyList<(string Name, int Line)> found = Hypermesh.BpfSdk.Tasks.Programs.UnmatchedUpdates.In(
            project, folder.Path, [Path.Combine(folder.Path, "a.bpf.c"), Path.Combine(folder.Path, "bpf/b.bpf.c"), Path.Combine(Path.GetDirectoryName(folder.Path)!, "c.bpf.c")]);

        Assert.Equal(unmatched, found.Select(static one => one.Name));
        Assert.All(found, static one => Assert.Equal(2, one.Line));
    }

    [Theory]
    [InlineData("fsproj", "F#", "Program.fs", "printfn \"hello\"\n", "<Compile Include=\"Program.fs\" />")]
    [InlineData("vbproj", "VB", "Program.vb", "Module Program\n  Sub Main()\n  End Sub\nEnd Module\n", "")]
    public void Skeletons_are_CSharp_and_one_message_says_so(string extension, string language, string file, string code, string items)
    {
        using UserProject project = UserProject.Console(feed, items: items);
        File.Move(project.PathOf("App.csproj"), project.PathOf("App." + extension));
        File.Delete(project.PathOf("Main.cs"));
        project.Write(file, code);
        project.Write("packets.bpf.c", KernelC.CountsPackets);

        BuildResult build = project.Build().Failed();

        string error = Assert.Single(build.Diagnostics(@"\w+"));
        Assert.Contains("error HMBPF0021: ", error, StringComparison.Ordinal);
        Assert.Contains($"this is a project in {language}. Move the C files", error, StringComparison.Ordinal);
        Assert.Equal(0, build.ClangRuns);

        // The remedy that the message names: a library in C#, which this project uses.
        project.Write("library/Library.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>
              <ItemGroup><PackageReference Include="Hypermesh.BpfSdk" Version="{PackedFeed.Version}" /></ItemGroup>
            </Project>
            """);
        File.Move(project.PathOf("packets.bpf.c"), project.PathOf("library/packets.bpf.c"));
        string text = File.ReadAllText(project.PathOf("App." + extension));
        project.Write("App." + extension, text.Replace($"""<PackageReference Include="Hypermesh.BpfSdk" Version="{PackedFeed.Version}" />""", """<ProjectReference Include="library/Library.csproj" />""", StringComparison.Ordinal));
        project.Write(file, language == "F#"
            ? "printfn \"%d\" (Library.Packets.Open().Maps.ByProtocol.MaxEntries)\n"
            : "Module Program\n  Sub Main()\n    System.Console.WriteLine(Library.Packets.Open().Maps.ByProtocol.MaxEntries)\n  End Sub\nEnd Module\n");
        project.Build().Succeeded();
        Assert.Equal("64\n", project.Run("bin/Debug/net10.0/App.dll").Succeeded().Output);
    }

    /// <summary>A program that uses a library of ours ends with a FileNotFoundException where the runtime library does not come with it.</summary>
    [Fact]
    public void A_library_that_hides_the_runtime_library_from_its_users_is_reported()
    {
        using UserProject project = UserProject.Console(feed);
        string reference = $"""<PackageReference Include="Hypermesh.BpfSdk" Version="{PackedFeed.Version}" />""";
        string isPrivate = reference.Replace(" />", " PrivateAssets=\"all\" />", StringComparison.Ordinal);
        string library(string references) => $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup><TargetFramework>net10.0</TargetFramework></PropertyGroup>
              <ItemGroup>{references}</ItemGroup>
            </Project>
            """;
        project.Write("App.csproj", File.ReadAllText(project.PathOf("App.csproj"))
            .Replace(reference, """<ProjectReference Include="../Library/Library.csproj" />""", StringComparison.Ordinal));
        project.Write("Main.cs", "System.Console.WriteLine(Library.Packets.Open().Maps.ByProtocol.MaxEntries);\n");
        project.Write("../Library/packets.bpf.c", KernelC.CountsPackets);
        project.Write("../Library/Library.csproj", library(isPrivate));

        // The consumer does not compile, or does not run, without it; the library says so first.
        string warning = Assert.Single(project.Build().Diagnostics("HMBPF0017"));

        Assert.Contains("Library.csproj : warning HMBPF0017: PrivateAssets=\"all\" of the reference to Hypermesh.BpfSdk hides the runtime library, Hypermesh.Bpf, from", warning, StringComparison.Ordinal);
        foreach (string remedy in (string[])[reference, isPrivate + $"""<PackageReference Include="Hypermesh.Bpf" Version="{PackedFeed.Version}" />"""])
        {
            project.Write("../Library/Library.csproj", library(remedy));
            Assert.Empty(project.Build().Succeeded().Diagnostics(@"HMBPF\w+"));
            Assert.Equal("64\n", project.Run("bin/Debug/net10.0/App.dll").Succeeded().Output);
        }
    }

    [Theory]
    [InlineData("win-x64", true)]
    [InlineData("osx-arm64", true)]
    [InlineData("linux-arm", true)]
    [InlineData("linux-x64", false)]
    [InlineData("linux-musl-arm64", false)]
    public void A_program_for_a_system_without_BPF_is_reported_once(string runtime, bool isTold)
    {
        using UserProject project = UserProject.Console(feed);
        project.Write("packets.bpf.c", KernelC.CountsPackets);

        string[] warnings = [.. project.Build("-r", runtime, "--self-contained=false", "-p:UseAppHost=false").Succeeded().Diagnostics(@"HMBPF\w+")];

        Assert.Equal(isTold ? 1 : 0, warnings.Length);
        Assert.All(warnings, warning => Assert.Contains($"warning HMBPF0018: BPF programs run on Linux only, on x64 and arm64, and this build is for {runtime}:", warning, StringComparison.Ordinal));
    }

    [Fact]
    public void A_project_of_xunit_2_with_our_facts_is_one_error_and_the_guides_project_runs_them()
    {
        using UserProject project = new(feed, "Forks.Tests");
        project.Run("new", "xunit", "--name", "Forks.Tests", "--output", ".").Succeeded();
        string made = File.ReadAllText(project.PathOf("Forks.Tests.csproj"));
        project.Write("Forks.Tests.csproj", made.Replace(
            "</ItemGroup>",
            $"""<PackageReference Include="Hypermesh.BpfSdk" Version="{PackedFeed.Version}" /><PackageReference Include="Hypermesh.Bpf.Testing" Version="{PackedFeed.Version}" /></ItemGroup>""",
            StringComparison.Ordinal));
        project.Write("packets.bpf.c", KernelC.CountsPackets);
        File.Delete(project.PathOf("UnitTest1.cs"));
        project.Write("Tests.cs", """
            namespace Forks.Tests;

            public class Tests
            {
                [Hypermesh.Bpf.Testing.BpfFact]
                public void One() => Xunit.Assert.Equal(64u, Packets.Open().Maps.ByProtocol.MaxEntries);
            }
            """);

        string error = Assert.Single(project.Build().Failed().Diagnostics(@"HMBPF\w+"));

        Assert.Contains("error HMBPF0019: Hypermesh.Bpf.Testing has facts of xunit v3, and this project references xunit 2, which cannot run them.", error, StringComparison.Ordinal);

        // Without xunit there is nothing that runs them either.
        project.Write("Forks.Tests.csproj", Regex.Replace(File.ReadAllText(project.PathOf("Forks.Tests.csproj")), "<(PackageReference|Using) Include=\"xunit[^>]*>", "", RegexOptions.IgnoreCase));
        Assert.Contains("this test project has no runner for them", Assert.Single(project.Build().Failed().Diagnostics("HMBPF0019")), StringComparison.Ordinal);

        project.Write("Forks.Tests.csproj", GuideOfTesting("xml"));
        project.Build("-warnaserror").Succeeded();
        Assert.Contains("Total: 1,", project.Run("run", "--no-build").Succeeded().Output, StringComparison.Ordinal);

        // The old form of dotnet test runs nothing; the guide's global.json chooses the new one.
        Assert.Contains("error HMBPF0019: dotnet test in its old form (VSTest) runs no test of this project.", project.Run("test").Failed().Output, StringComparison.Ordinal);
        project.Write("global.json", GuideOfTesting("json"));
        Assert.Contains("total: 1", project.Run("test").Succeeded().Output, StringComparison.Ordinal);
    }

    // The facts are compiled against the oldest xunit.v3 that their package allows, and the guide's project has a newer one.
    [Fact]
    public void Facts_run_with_the_oldest_xunit_that_their_package_allows()
    {
        using ZipArchive package = ZipFile.OpenRead(Path.Combine(feed.Feed, $"Hypermesh.Bpf.Testing.{PackedFeed.Version}.nupkg"));
        using var dependencies = new StreamReader(package.GetEntry("Hypermesh.Bpf.Testing.nuspec")!.Open());
        string oldest = Regex.Match(dependencies.ReadToEnd(), "id=\"xunit.v3.extensibility.core\" version=\"([0-9.]+)\"").Groups[1].Value;
        Assert.DoesNotContain($"\"{oldest}\"", GuideOfTesting("xml"), StringComparison.Ordinal);
        using UserProject project = new(feed, "Forks.Tests");
        project.Write("Forks.Tests.csproj", Regex.Replace(GuideOfTesting("xml"), "(?<=\"xunit.v3\" Version=\")[^\"]+", oldest));
        project.Write("packets.bpf.c", KernelC.CountsPackets);
        project.Write("Tests.cs", """
            namespace Forks.Tests;

            public class Tests
            {
                [BpfFact]
                public void One() => Assert.Equal("3.2.2", typeof(FactAttribute).Assembly.GetName().Version!.ToString(3));

                [BpfFact(MinimumKernel = "99.0")]
                public void Two() => Assert.Fail("this kernel is older");

                [BpfTheory(Capabilities = [])]
                [InlineData(64u)]
                public void Three(uint entries) => Assert.Equal(entries, Packets.Open().Maps.ByProtocol.MaxEntries);
            }
            """.Replace("3.2.2", oldest, StringComparison.Ordinal));
        string expected = Environment.IsPrivilegedProcess ? "Total: 3, Errors: 0, Failed: 0, Skipped: 1," : "Total: 3, Errors: 0, Failed: 0, Skipped: 2,";

        project.Build("-warnaserror").Succeeded();

        Assert.Contains(expected, project.Run("run", "--no-build").Succeeded().Output, StringComparison.Ordinal);
        Assert.Contains("error HMBPF0019: dotnet test in its old form (VSTest) runs no test of this project.", project.Run("test").Failed().Output, StringComparison.Ordinal);
        project.Write("global.json", GuideOfTesting("json"));
        Assert.Contains("total: 3", project.Run("test").Succeeded().Output, StringComparison.Ordinal);
    }

    [Fact]
    public void C_that_the_project_lists_as_CSharp_is_one_error()
    {
        using UserProject project = UserProject.Console(feed, items: """<Compile Include="packets.bpf.c" />""");
        project.Write("packets.bpf.c", KernelC.CountsPackets);

        string error = Assert.Single(project.Build().Failed().Diagnostics(@"\w+"));

        Assert.Contains("error HMBPF0023: <Compile> names C files (packets.bpf.c)", error, StringComparison.Ordinal);
        project.Write("App.csproj", File.ReadAllText(project.PathOf("App.csproj")).Replace("""<Compile Include="packets.bpf.c" />""", "", StringComparison.Ordinal));
        project.Build().Succeeded();
    }

    [Theory]
    [InlineData("Hypermesh.Bpf")]
    [InlineData("Hypermesh.Bpf.Monitoring")]
    public void A_project_with_libraries_alone_learns_which_package_compiles_C(string library)
    {
        using UserProject project = UserProject.Console(feed);
        string text = File.ReadAllText(project.PathOf("App.csproj"));
        project.Write("App.csproj", text.Replace("Hypermesh.BpfSdk", library, StringComparison.Ordinal));
        project.Write("packets.bpf.c", KernelC.CountsPackets);

        Assert.Contains("Reference Hypermesh.BpfSdk, in place of", Assert.Single(project.Build().Succeeded().Diagnostics("HMBPF0024")), StringComparison.Ordinal);

        project.Write("App.csproj", text);
        Assert.Empty(project.Build().Succeeded().Diagnostics("HMBPF0024"));
    }

    [Theory]
    [InlineData("public")]
    [InlineData("internal")]
    public void A_CLS_compliant_assembly_has_no_warning(string accessibility)
    {
        using UserProject project = UserProject.Console(feed, properties: $"<BpfAccessibility>{accessibility}</BpfAccessibility>");
        project.Write("Compliant.cs", "[assembly: System.CLSCompliant(true)]\n");
        project.Write("packets.bpf.c", "struct { __u32 words[4]; } shown;\n".Insert(0, "#include <linux/types.h>\n") + KernelC.CountsPackets);

        project.Build("-warnaserror").Succeeded();
    }

    [Theory]
    [InlineData("11")]
    [InlineData("7.3")]
    public void A_CSharp_that_is_too_old_is_one_message(string version)
    {
        using UserProject project = UserProject.Console(feed, properties: $"<LangVersion>{version}</LangVersion><Nullable>disable</Nullable><ImplicitUsings>disable</ImplicitUsings>");
        project.Write("Main.cs", "namespace App { internal static class Program { internal static Packets Kept; private static void Main() { Kept = null; } } }\n");
        project.Write("packets.bpf.c", KernelC.CountsPackets);
        project.Write("more.bpf.c", KernelC.CountsPackets);

        string error = Assert.Single(project.Build().Failed().Diagnostics(@"\w+"));
        Assert.Contains($"error HMBPF2020: Skeletons need C# 12 or newer, and this project is compiled as C# {version}", error, StringComparison.Ordinal);

        project.Write("App.csproj", File.ReadAllText(project.PathOf("App.csproj")).Replace($"<LangVersion>{version}</LangVersion>", "<LangVersion>12</LangVersion>", StringComparison.Ordinal));
        project.Build().Succeeded();
    }

    [Fact]
    public void Dotnet_watch_watches_the_C_and_its_headers()
    {
        using UserProject project = UserProject.Console(feed);
        project.Write("packets.bpf.c", "#include \"inner/limits.h\"\n" + KernelC.CountsPackets);
        project.Write("inner/limits.h", "#define LIMIT 1\n");
        project.Run("restore").Succeeded();

        string[] watched = project.Run("watch", "--list", "--non-interactive").Succeeded().Output.Split('\n');

        Assert.Contains(project.PathOf("packets.bpf.c"), watched);
        Assert.Contains(project.PathOf("inner/limits.h"), watched);
        Assert.DoesNotContain(watched, file => file.Contains("/obj/Debug", StringComparison.Ordinal) && file.EndsWith(".h", StringComparison.Ordinal));
    }

    [Fact]
    public void Dotnet_watch_restarts_a_program_whose_C_was_saved_and_with_a_handover_it_loses_no_event()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root, to load a program");
        const string C = """
            #include <linux/bpf.h>
            #include <bpf/bpf_helpers.h>
            #include <hypermesh/reload.h>

            volatile const int version = 1;
            __u64 calls HM_SUM;

            SEC("raw_tp/sys_enter")
            int count_call(__u64 *ctx)
            {
            	if (ctx[1] == 502)
            		__atomic_fetch_add(&calls, 1, __ATOMIC_RELAXED);
            	return 0;
            }

            char LICENSE[] SEC("license") = "Dual BSD/GPL";
            """;
        using UserProject project = UserProject.Console(feed);
        project.Write("watched.bpf.c", C);
        project.Write("Main.cs", """
            using Hypermesh.Bpf;

            using Watched watched = Watched.Open().Load(new BpfLoadOptions { Handover = new BpfHandover("/sys/fs/bpf/watched") });
            watched.Attach();
            while (true)
            {
                Console.WriteLine($"version {watched.Globals.Version}: {watched.Globals.Calls}");
                Thread.Sleep(100);
            }
            """);
        project.Write("next.txt", C.Replace("version = 1;\n", "version = 2;\n__u64 more;\n", StringComparison.Ordinal));
        project.Run("restore").Succeeded();

        // Every process ends with the shell, and every program with the mount.
        BuildResult result = project.Shell(project.Folder, """
            unshare -m -p -f --kill-child --mount-proc sh -c '
                mount -t bpf bpf /sys/fs/bpf
                dotnet watch --no-hot-reload --non-interactive run > ../watch.log 2>&1 < /dev/null &
                until_line() { for i in $(seq 600); do grep -q "$1" ../watch.log && return; sleep 0.1; done; cat ../watch.log; exit 1; }
                until_line "^version 1: 0$"
                perl -e "syscall(502) for 1..100"
                cp next.txt watched.bpf.c
                for i in $(seq 50); do perl -e "syscall(502) for 1..10"; sleep 0.05; done
                until_line "^version 2: 600$"'
            """);

        result.Succeeded();
    }

    // The first block of a language in the guide: its project, its global.json.
    private static string GuideOfTesting(string language)
        => Regex.Match(File.ReadAllText(Path.Combine(PackedFeed.Repository, "msbuild/Hypermesh.BpfSdk/docs/guides/testing.md")), $"```{language}\n(.*?)```", RegexOptions.Singleline).Groups[1].Value;
}
