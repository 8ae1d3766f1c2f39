using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Hypermesh.Bpf.Tests.Build.Support;

namespace Hypermesh.Bpf.Tests.Build.Packages;

/// <summary>A library with programs, built and packed with this SDK, meets another version of the runtime library in an application.</summary>
public sealed class SkeletonAbiTests(PackedFeed feed)
{
    private const string NewVersion = "0.2.0";

    private const byte LoadOne = 0x17, LoadTwo = 0x18;

    [Fact]
    public void An_assembly_runs_on_a_newer_library_of_its_ABI_and_otherwise_says_what_to_build_or_update()
    {
        using UserProject library = MakeLibrary();
        string ownFeed = Directory.CreateDirectory(Path.Combine(library.Root, "feed")).FullName;
        library.Run("pack", "-nodeReuse:false", "-o", ownFeed).Succeeded();
        PackedFeed.Pack(
            PackedFeed.Repository,
            ownFeed,
            new Dictionary<string, string>(feed.Compiler) { ["NUGET_PACKAGES"] = RepackTests.UsualPackages },
            [$"-p:VersionPrefix={NewVersion}", $"-p:ArtifactsPath={library.Root}/artifacts/", .. PackedFeed.Quickly],
            ["src/Hypermesh.Bpf"]);
        using UserProject app = MakeApplication(ownFeed);
        app.Build().Succeeded();
        string output = app.PathOf("bin/Debug/net10.0");

        Assert.Equal($"count_packets on {NewVersion}.0", Run(app));

        string objects = Path.Combine(output, "Hypermesh.Bpf.Objects.dll");
        byte[] packed = File.ReadAllBytes(objects);
        ReplaceOne(objects, "SkeletonAbi", "get_Current");
        Assert.Equal($"count_packets on {NewVersion}.0", Run(app));

        ReplaceOne(objects, "SkeletonAbi", "get_Oldest");
        Assert.Equal(
            $"Object counter: Packets.Library 1.2.3.0 was built with Hypermesh.BpfSdk {PackedFeed.Version}, which generates skeleton ABI 1. "
            + $"The Hypermesh.Bpf that runs is {NewVersion} and runs skeleton ABI 2. Build Packets.Library again with Hypermesh.BpfSdk {NewVersion}, or use a version of it that was built so.",
            Run(app));

        File.WriteAllBytes(objects, packed);
        ReplaceOne(Path.Combine(output, "Packets.Library.dll"), "Spec", ".ctor");
        Assert.Equal(
            $"Object counter: Packets.Library 1.2.3.0 was built with Hypermesh.BpfSdk {PackedFeed.Version}, which generates skeleton ABI 2. "
            + $"The Hypermesh.Bpf that runs is {NewVersion} and runs skeleton ABI 1. Reference the package Hypermesh.Bpf {PackedFeed.Version} or newer in the application.",
            Run(app));
    }

    private static string Run(UserProject app) => app.Run("bin/Debug/net10.0/App.dll").Succeeded().Output.Trim();

    private UserProject MakeLibrary()
    {
        UserProject project = new(feed, "Packets.Library");
        project.Write(
            "Packets.Library.csproj",
            $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <Version>1.2.3</Version>
                <RootNamespace>Packets</RootNamespace>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="Hypermesh.BpfSdk" Version="{PackedFeed.Version}" />
              </ItemGroup>
            </Project>
            """);
        project.Write("counter.bpf.c", KernelC.CountsPackets);
        return project;
    }

    private UserProject MakeApplication(string ownFeed)
    {
        UserProject project = new(feed);
        project.Write(
            "../nuget.config",
            $"""<configuration><packageSources><add key="packed" value="{feed.Feed}" /><add key="own" value="{ownFeed}" /></packageSources></configuration>""");
        project.Write(
            "App.csproj",
            $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="Packets.Library" Version="1.2.3" />
                <PackageReference Include="Hypermesh.Bpf" Version="{NewVersion}" />
              </ItemGroup>
            </Project>
            """);
        project.Write(
            "Main.cs",
            """
            using Hypermesh.Bpf;
            using Packets;

            try
            {
                Console.WriteLine($"{Counter.Open().Programs.CountPackets.Name} on {typeof(BpfObject).Assembly.GetName().Version}");
            }
            catch (BpfSkeletonAbiException other)
            {
                Console.WriteLine(other.Message);
            }

            """);
        return project;
    }

    // Another number in a compiled assembly, as another version of it would have: the first constant 1 of a method becomes 2.
    private static void ReplaceOne(string assembly, string type, string method)
    {
        byte[] image = File.ReadAllBytes(assembly);
        using var reader = new PEReader(new MemoryStream(image));
        MetadataReader metadata = reader.GetMetadataReader();
        MethodDefinition found = metadata.TypeDefinitions.Select(metadata.GetTypeDefinition)
            .Where(definition => metadata.StringComparer.Equals(definition.Name, type))
            .SelectMany(definition => definition.GetMethods()).Select(metadata.GetMethodDefinition)
            .Single(definition => metadata.StringComparer.Equals(definition.Name, method));
        SectionHeader header = reader.PEHeaders.SectionHeaders[reader.PEHeaders.GetContainingSectionIndex(found.RelativeVirtualAddress)];
        int body = found.RelativeVirtualAddress - header.VirtualAddress + header.PointerToRawData;
        byte[] code = reader.GetMethodBody(found.RelativeVirtualAddress).GetILBytes()!;
        int at = Array.IndexOf(code, LoadOne);
        Assert.InRange(at, 0, 1);
        image[body + (IsTiny(image[body]) ? 1 : 12) + at] = LoadTwo;
        File.WriteAllBytes(assembly, image);
    }

    // A header of one byte before the code, or one of twelve.
    private static bool IsTiny(byte header) => (header & 3) == 2;
}
