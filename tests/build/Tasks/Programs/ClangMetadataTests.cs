using Hypermesh.Bpf.Tests.Build.Support;

namespace Hypermesh.Bpf.Tests.Build.Tasks.Programs;

/// <summary>What an item says to clang reaches clang, for that file and no other.</summary>
public sealed class ClangMetadataTests(PackedFeed feed)
{
    [Fact]
    public void Defines_folders_and_options_are_the_files_own()
    {
        using UserProject project = UserProject.Console(feed);
        project.Write(
            "Directory.Build.targets",
            """
            <Project>
              <ItemGroup>
                <BpfCompile Update="packets.bpf.c"
                            Defines="ENTRIES=128;IS_MARKED"
                            IncludePaths="headers"
                            AdditionalOptions="-Wno-unused-variable -include 'more headers/first.h'" />
              </ItemGroup>
            </Project>
            """);
        project.Write("headers/key.h", "#define KEY __u16\n");
        project.Write("more headers/first.h", "#define VALUE __u32\n");
        project.Write(
            "packets.bpf.c",
            $"""
            #include "key.h"
            #ifndef IS_MARKED
            #error "not marked"
            #endif
            {KernelC.CountsPackets
                .Replace("max_entries, 64", "max_entries, ENTRIES")
                .Replace("(key, __u32)", "(key, KEY)")
                .Replace("(value, __u64)", "(value, VALUE)")
                .Replace("__u64 one = 1;", "__u64 one = 1; int unused;")}
            """);
        project.Write("other.bpf.c", $"#ifdef IS_MARKED\n#error \"marked\"\n#endif\n{KernelC.CountsPackets}");
        project.Write("Main.cs", "var map = Packets.Open().Maps.ByProtocol;\nConsole.WriteLine($\"{map.MaxEntries} {map.KeySize} {map.ValueSize}\");\n");

        Assert.Equal(2, project.Build("-warnaserror").Succeeded().ClangRuns);
        Assert.Equal("128 2 4\n", project.Run("bin/Debug/net10.0/App.dll").Succeeded().Output);

        project.Write("headers/key.h", "#define KEY __u64\n");
        Assert.Equal(1, project.Build("--no-restore").Succeeded().ClangRuns);
        Assert.Equal("128 8 4\n", project.Run("bin/Debug/net10.0/App.dll").Succeeded().Output);
    }
}
