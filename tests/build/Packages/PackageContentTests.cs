using System.IO.Compression;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;
using Hypermesh.Bpf.Tests.Build.Support;

namespace Hypermesh.Bpf.Tests.Build.Packages;

/// <summary>What lies in the packages, where NuGet and MSBuild look for it.</summary>
public sealed class PackageContentTests(PackedFeed feed)
{
    // The kinds of information in portable symbols.
    private static readonly Guid s_embeddedSource = new("0e8a571b-6926-466e-b4ad-8ab04611f5fe");
    private static readonly Guid s_sourceLink = new("cc110556-a091-4d38-9fec-25ab9a351a6a");

    [Theory]
    [InlineData("Hypermesh.Bpf", "lib/net10.0/Hypermesh.Bpf.dll")]
    [InlineData("Hypermesh.Bpf", "lib/net10.0/Hypermesh.Bpf.xml")]
    [InlineData("Hypermesh.Bpf", "lib/net10.0/Hypermesh.Bpf.Objects.dll")]
    [InlineData("Hypermesh.Bpf.Testing", "lib/net10.0/Hypermesh.Bpf.Testing.dll")]
    [InlineData("Hypermesh.BpfSdk", "tasks/netstandard2.0/Hypermesh.BpfSdk.Tasks.dll")]
    [InlineData("Hypermesh.BpfSdk", "tools/net10.0/any/Hypermesh.BpfSdk.Comments.dll")]
    [InlineData("Hypermesh.BpfSdk", "tools/net10.0/any/verifier/Hypermesh.BpfSdk.Verifier.dll")]
    [InlineData("Hypermesh.BpfSdk", "analyzers/dotnet/cs/Hypermesh.BpfSdk.Generators.dll")]
    [InlineData("Hypermesh.BpfSdk", "include/hypermesh/event.h")]
    [InlineData("Hypermesh.BpfSdk", "docs/guides/maps.md")]
    [InlineData("Hypermesh.BpfSdk", "docs/guides/compatibility.md")]
    [InlineData("Hypermesh.BpfSdk.Templates", "content/bpf-xdp/.template.config/template.json")]
    public void A_package_has_its_parts(string package, string part)
    {
        using ZipArchive archive = Open(package);

        Assert.NotNull(archive.GetEntry(part));
    }

    [Theory]
    [InlineData("Hypermesh.Bpf.dll")]
    [InlineData("Hypermesh.Bpf.Objects.dll")]
    public void For_Linux_on_x64_the_loader_is_compiled_ahead(string assembly)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && System.Runtime.InteropServices.RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.X64, "compiled ahead on such a machine only");
        using ZipArchive archive = Open("Hypermesh.Bpf");

        Assert.True(IsCompiledAhead(archive, $"runtimes/linux-x64/lib/net10.0/{assembly}"));
        Assert.False(IsCompiledAhead(archive, $"lib/net10.0/{assembly}"));
    }

    [Fact]
    public void No_native_library_is_in_any_package()
        => Assert.All(Directory.GetFiles(feed.Feed, "*.nupkg"), static path =>
        {
            using ZipArchive archive = ZipFile.OpenRead(path);
            Assert.DoesNotContain(archive.Entries, static entry => entry.Name.EndsWith(".so", StringComparison.Ordinal) || entry.Name.EndsWith(".dylib", StringComparison.Ordinal));
        });

    [Fact]
    public void No_assembly_names_the_folder_it_was_built_in()
    {
        string[] ours = [.. Directory.GetFiles(feed.Feed, "*.nupkg").SelectMany(Sources)];

        Assert.Contains("/_/src/Hypermesh.Bpf/Loading/BpfObject.cs", ours);
        Assert.Contains("/_/generators/Hypermesh.BpfSdk.Generators/BpfSkeletonGenerator.cs", ours);
        Assert.DoesNotContain(ours, static path => path.StartsWith(PackedFeed.Repository, StringComparison.Ordinal));
    }

    [Fact]
    public void A_package_names_its_commit_and_no_folder_and_has_the_change_log()
        => Assert.All(Directory.GetFiles(feed.Feed, "*.nupkg"), static path =>
        {
            using ZipArchive archive = ZipFile.OpenRead(path);
            using var reader = new StreamReader(archive.Entries.Single(static entry => entry.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).Open());
            XElement package = XElement.Parse(reader.ReadToEnd());
            XElement repository = package.Descendants().Single(static element => element.Name.LocalName == "repository");

            Assert.Equal("git", (string?)repository.Attribute("type"));
            Assert.Equal(0, DotNet.Run("git", PackedFeed.Repository, new Dictionary<string, string>(), ["cat-file", "-e", $"{(string?)repository.Attribute("commit")}^{{commit}}"]).ExitCode);
            Assert.True((string?)repository.Attribute("url") is null or ['h', 't', 't', 'p', 's', ':', ..], repository.ToString());
            Assert.StartsWith("# Changes\n", package.Descendants().Single(static element => element.Name.LocalName == "releaseNotes").Value);
        });

    [Fact]
    public void All_files_of_a_package_have_one_time()
        => Assert.All(Directory.GetFiles(feed.Feed, "*.nupkg"), static path =>
        {
            using ZipArchive archive = ZipFile.OpenRead(path);
            Assert.Single(archive.Entries.Select(static entry => entry.LastWriteTime).Distinct());
        });

    [Theory]
    [InlineData("Hypermesh.Bpf", "lib/net10.0/Hypermesh.Bpf.dll")]
    [InlineData("Hypermesh.Bpf", "lib/net10.0/Hypermesh.Bpf.Objects.dll")]
    [InlineData("Hypermesh.Bpf", "runtimes/linux-x64/lib/net10.0/Hypermesh.Bpf.dll")]
    [InlineData("Hypermesh.Bpf.Testing", "lib/net10.0/Hypermesh.Bpf.Testing.dll")]
    public void A_debugger_finds_the_sources(string package, string part)
    {
        using ZipArchive archive = Open(package);
        Assert.SkipWhen(archive.GetEntry(part) is null, "compiled ahead on Linux on x64 only");
        using MetadataReaderProvider provider = SymbolsOf(archive.GetEntry(part)!)!;
        MetadataReader symbols = provider.GetMetadataReader();

        // Inside the symbols, or by a map that leads to the public remote. What was generated is in no repository.
        string map = symbols.GetCustomDebugInformation(EntityHandle.ModuleDefinition).Select(symbols.GetCustomDebugInformation)
            .Where(one => symbols.GetGuid(one.Kind) == s_sourceLink).Select(one => System.Text.Encoding.UTF8.GetString(symbols.GetBlobBytes(one.Value))).SingleOrDefault("");
        Assert.NotEmpty(symbols.Documents);
        Assert.All(symbols.Documents, handle =>
        {
            string name = symbols.GetString(symbols.GetDocument(handle).Name);
            bool isInside = symbols.GetCustomDebugInformation(handle).Select(symbols.GetCustomDebugInformation).Any(one => symbols.GetGuid(one.Kind) == s_embeddedSource);
            Assert.True(isInside || (map.Contains("\"/_/*\":\"https://", StringComparison.Ordinal) && name.StartsWith("/_/", StringComparison.Ordinal)), name);
        });
    }

    [Fact]
    public void Templates_are_packed_as_they_are_but_for_the_version()
    {
        string templates = Path.Combine(PackedFeed.Repository, "msbuild", "Hypermesh.BpfSdk.Templates", "templates");
        using ZipArchive archive = Open("Hypermesh.BpfSdk.Templates");
        Assert.All(Directory.GetFiles(templates, "*", SearchOption.AllDirectories), file =>
        {
            ZipArchiveEntry? entry = archive.GetEntry($"content/{Path.GetRelativePath(templates, file)}");
            Assert.True(entry is not null, file);
            using var reader = new StreamReader(entry.Open());
            Assert.Equal(File.ReadAllText(file).Replace("HYPERMESH_VERSION", PackedFeed.Version, StringComparison.Ordinal), reader.ReadToEnd());
        });
    }

    // The source files that stack traces of our assemblies name.
    private static string[] Sources(string package)
    {
        var found = new List<string>();
        using ZipArchive archive = ZipFile.OpenRead(package);
        foreach (ZipArchiveEntry entry in archive.Entries.Where(static entry => entry.Name.StartsWith("Hypermesh.", StringComparison.Ordinal) && entry.Name.EndsWith(".dll", StringComparison.Ordinal)))
        {
            using MetadataReaderProvider? provider = SymbolsOf(entry);
            if (provider?.GetMetadataReader() is { } symbols)
            {
                found.AddRange(symbols.Documents.Select(document => symbols.GetString(symbols.GetDocument(document).Name)));
            }
        }

        return [.. found];
    }

    // The symbols inside an assembly.
    private static MetadataReaderProvider? SymbolsOf(ZipArchiveEntry assembly)
    {
        using var image = new MemoryStream();
        using (Stream stream = assembly.Open())
        {
            stream.CopyTo(image);
        }

        image.Position = 0;
        using var reader = new PEReader(image);
        DebugDirectoryEntry inside = reader.ReadDebugDirectory().SingleOrDefault(static debug => debug.Type == DebugDirectoryEntryType.EmbeddedPortablePdb);
        return inside.DataSize == 0 ? null : reader.ReadEmbeddedPortablePdbDebugDirectoryData(inside);
    }

    private static bool IsCompiledAhead(ZipArchive archive, string part)
    {
        using var image = new MemoryStream();
        using (Stream entry = archive.GetEntry(part)!.Open())
        {
            entry.CopyTo(image);
        }

        image.Position = 0;
        using var reader = new PEReader(image);
        return reader.PEHeaders.CorHeader!.ManagedNativeHeaderDirectory.Size > 0;
    }

    private ZipArchive Open(string package) => ZipFile.OpenRead(Path.Combine(feed.Feed, $"{package}.{PackedFeed.Version}.nupkg"));
}
