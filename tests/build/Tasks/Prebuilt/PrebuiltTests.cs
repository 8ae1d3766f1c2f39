using Hypermesh.Bpf.Tests.Build.Support;

namespace Hypermesh.Bpf.Tests.Build.Tasks.Prebuilt;

/// <summary>Committed objects stand in for a clang that is missing, and never for another C.</summary>
public sealed class PrebuiltTests : IDisposable
{
    private const string Source = "packets.bpf.c";
    private const string Committed = "prebuilt/packets.bpf.c.txt";

    private readonly UserProject _project;

    public PrebuiltTests(PackedFeed feed)
    {
        _project = UserProject.Console(feed, properties: "<BpfPrebuilt>prebuilt</BpfPrebuilt><Nullable>disable</Nullable>");
        _project.Write("limits.h", "#define ENTRIES 64\n");
        _project.Write(Source, "#include \"limits.h\"\n" + KernelC.CountsPackets.Replace("max_entries, 64", "max_entries, ENTRIES"));
        _project.Write("Main.cs", "System.Console.WriteLine(Packets.Open().Maps.ByProtocol.MaxEntries);\n");
    }

    public void Dispose() => _project.Dispose();

    [Fact]
    public void Without_clang_the_committed_objects_are_used()
    {
        Assert.Single(_project.Build().Succeeded().Diagnostics("HMBPF0011"));
        _project.Build("-p:BpfUpdatePrebuilt=true").Succeeded();
        Assert.Empty(_project.Build().Succeeded().Diagnostics("HMBPF0011"));

        WithoutClang();
        Assert.Equal(0, _project.Build("-warnaserror").Succeeded().ClangRuns);
        Assert.Equal("64\n", _project.Run("bin/Debug/net10.0/App.dll").Succeeded().Output);
    }

    [Fact]
    public void Findings_in_the_C_are_reported_without_clang_too()
    {
        _project.Write(Source, "#include \"limits.h\"\n" + KernelC.CountsPackets.Replace("max_entries, 64", "max_entries, ENTRIES")
            .Replace("#include <bpf/bpf_helpers.h>\n", "#include <bpf/bpf_helpers.h>\nstatic inline int is_arp(__be16 proto)\n{\n\treturn proto == 0x0806;\n}\n"));
        string warning = Assert.Single(_project.Build("-p:BpfUpdatePrebuilt=true").Succeeded().Diagnostics("HMBPF2516"));

        WithoutClang();
        Assert.Equal(warning, Assert.Single(_project.Build().Succeeded().Diagnostics("HMBPF2516")));
    }

    [Fact]
    public void Objects_of_another_C_are_reported_with_clang_and_rejected_without()
    {
        _project.Build("-p:BpfUpdatePrebuilt=true").Succeeded();
        _project.Write("limits.h", "#define ENTRIES 32\n");

        Assert.Contains("was compiled from other C", Assert.Single(_project.Build().Succeeded().Diagnostics("HMBPF0011")), StringComparison.Ordinal);

        WithoutClang();
        string error = Assert.Single(_project.Build().Failed().Diagnostics("HMBPF0012"));
        Assert.StartsWith(_project.PathOf(Source), error, StringComparison.Ordinal);
        Assert.Contains("was compiled from another limits.h", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cut_or_missing_object_is_reported()
    {
        _project.Build("-p:BpfUpdatePrebuilt=true").Succeeded();
        WithoutClang();
        string text = File.ReadAllText(_project.PathOf(Committed));

        _project.Write(Committed, text[..^3]);
        Assert.Contains("is truncated or changed", Assert.Single(_project.Build().Failed().Diagnostics("HMBPF0012")), StringComparison.Ordinal);

        int letter = text.IndexOf('A', (text.LastIndexOf("\n\n", StringComparison.Ordinal) + text.Length) / 2);
        _project.Write(Committed, text[..letter] + "B" + text[(letter + 1)..]);
        Assert.Contains("is truncated or changed", Assert.Single(_project.Build().Failed().Diagnostics("HMBPF0012")), StringComparison.Ordinal);

        File.Delete(_project.PathOf(Committed));
        Assert.Contains("there is no prebuilt object", Assert.Single(_project.Build().Failed().Diagnostics("HMBPF0012")), StringComparison.Ordinal);
    }

    // As on another machine: no outputs either.
    private void WithoutClang()
    {
        Directory.Delete(_project.PathOf("obj"), recursive: true);
        _project.Environment["HYPERMESH_BPF_CLANG"] = "/nowhere/clang";
        _project.Environment["PATH"] = Directory.CreateDirectory(_project.PathOf("empty")).FullName;
    }
}
