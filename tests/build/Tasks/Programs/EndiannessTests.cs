using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Hypermesh.Bpf.Tests.Build.Support;

namespace Hypermesh.Bpf.Tests.Build.Tasks.Programs;

/// <summary>Two objects in one assembly, for machines of either byte order.</summary>
public sealed class EndiannessTests(PackedFeed feed)
{
    private const string Both = "<BpfEndianness>both</BpfEndianness>";

    [Fact]
    public void Both_objects_are_embedded_and_this_machines_is_read()
    {
        using UserProject project = UserProject.Console(feed, properties: Both);
        project.Write("packets.bpf.c", KernelC.CountsPackets);
        project.Write("Main.cs", "Console.WriteLine(Packets.Open().Maps.ByProtocol.MaxEntries);\n");

        Assert.Equal(2, project.Build("-warnaserror").Succeeded().ClangRuns);
        Assert.Equal(["Hypermesh.Bpf/App.Packets.bpf.o", "Hypermesh.Bpf/App.Packets.bpf.o.be"], Resources(project.PathOf("bin/Debug/net10.0/App.dll")));
        Assert.Equal("64\n", project.Run("bin/Debug/net10.0/App.dll").Succeeded().Output);
        Assert.Equal(0, project.Build("-warnaserror").Succeeded().ClangRuns);

        // 2 is the byte of an ELF header that says so.
        Assert.Equal(2, File.ReadAllBytes(project.Output("packets.bpf.be.o"))[5]);
    }

    [Fact]
    public void A_struct_that_differs_between_byte_orders_is_rejected()
    {
        using UserProject project = UserProject.Console(feed, properties: Both);
        project.Write("packets.bpf.c", KernelC.CountsPackets.Replace("struct {\n", "struct flags {\n\t__u32 low : 3;\n\t__u32 high : 29;\n};\n\nstruct {\n").Replace("__type(value, __u64)", "__type(value, struct flags)").Replace("__u64 one = 1", "struct flags one = {}"));

        string error = Assert.Single(project.Build().Failed().Diagnostics("HMBPF1007"));
        Assert.StartsWith(project.PathOf("packets.bpf.c"), error, StringComparison.Ordinal);
        Assert.Contains("flags.low is a bitfield", error, StringComparison.Ordinal);

        project.Build("-p:BpfEndianness=little").Succeeded();
        Assert.Single(project.Build("-p:BpfEndianness=middle").Failed().Diagnostics("HMBPF0013"));
    }

    private static string[] Resources(string assembly)
    {
        using var image = new PEReader(File.OpenRead(assembly));
        MetadataReader metadata = image.GetMetadataReader();
        return [.. metadata.ManifestResources.Select(handle => metadata.GetString(metadata.GetManifestResource(handle).Name)).Order(StringComparer.Ordinal)];
    }
}
