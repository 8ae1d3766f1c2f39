using System.IO.Compression;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Hypermesh.Bpf.Tests.Build.Support;

namespace Hypermesh.Bpf.Tests.Build.Packages;

/// <summary>What lies in the packages, where NuGet and MSBuild look for it.</summary>
public sealed class PackageContentTests(PackedFeed feed)
{
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
            using var image = new MemoryStream();
            using (Stream stream = entry.Open())
            {
                stream.CopyTo(image);
            }

            image.Position = 0;
            using var reader = new PEReader(image);
            foreach (DebugDirectoryEntry debug in reader.ReadDebugDirectory().Where(static debug => debug.Type == DebugDirectoryEntryType.EmbeddedPortablePdb))
            {
                using MetadataReaderProvider provider = reader.ReadEmbeddedPortablePdbDebugDirectoryData(debug);
                MetadataReader symbols = provider.GetMetadataReader();
                found.AddRange(symbols.Documents.Select(document => symbols.GetString(symbols.GetDocument(document).Name)));
            }
        }

        return [.. found];
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
