using Hypermesh.Bpf.Tests.Build.Support;

namespace Hypermesh.Bpf.Tests.Build.Tasks.Names;

/// <summary>Two items never share an output: each becomes its class, or one message says why not.</summary>
public sealed class OutputCollisionTests(PackedFeed feed)
{
    // Item, class. Each pair meets in another way: the same file, a name apart from its extension, by case, on the way out of the project, a folder named like an output.
    private static readonly (string Item, string Class)[] s_items =
    [
        ("twice.bpf.c", "Twice"),
        ("twice.bpf.c", "TwiceAgain"),
        ("./deep/../twice.bpf.c", "TwiceBesides"),
        ("stem.bpf.c", "Stem"),
        ("stem.c", "StemOfC"),
        ("case.bpf.c", "LowerCase"),
        ("Case.bpf.c", "UpperCase"),
        ("folder/same.bpf.c", "InLowerFolder"),
        ("Folder/same.bpf.c", "InUpperFolder"),
        ("../shared/far.bpf.c", "Far"),
        ("_/shared/far.bpf.c", "Near"),
        ("a.b/dotted.bpf.c", "Dotted"),
        ("a_b/dotted.bpf.c", "Underscored"),
        ("stem.bpf.o/inside.bpf.c", "Inside"),
        ("clang.cache/cached.bpf.c", "Cached"),
        ("-option.bpf.c", "Option"),
        ("@arguments.bpf.c", "Arguments"),
        ("-folder/x.bpf.c", "InFolderLikeAnOption"),
        ("set[1]{2}.bpf.c", "Brackets"),
        ("hash#, comma.bpf.c", "Hash"),
    ];

    [Fact]
    public void Each_item_has_outputs_of_its_own()
    {
        using UserProject project = Make();

        BuildResult first = project.Build("-p:BpfUpdatePrebuilt=true").Succeeded();
        BuildResult second = project.Build("--no-restore").Succeeded();

        Assert.Equal(s_items.Length, first.ClangRuns);
        Assert.Empty(first.Diagnostics("HMBPF0011"));
        Assert.Equal(0, second.ClangRuns);
        Assert.False(second.RanCSharpCompiler, second.Output);
        Assert.Equal(s_items.Length, Directory.GetFiles(project.PathOf("prebuilt"), "*.txt", SearchOption.AllDirectories).Length);
        Assert.Equal(
            s_items.Select((item, i) => $"{item.Class} {i}").Order(StringComparer.Ordinal),
            project.Run("bin/Debug/net10.0/App.dll").Succeeded().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));

        // The committed objects do not meet either.
        project.Run("clean", "-nodeReuse:false").Succeeded();
        Assert.Empty(Directory.GetFiles(project.Output(""), "*", SearchOption.AllDirectories));
        project.Environment["HYPERMESH_BPF_CLANG"] = "/nowhere/clang";
        project.Environment["PATH"] = Directory.CreateDirectory(project.PathOf("empty")).FullName;
        project.Build().Succeeded();
        Assert.Equal(s_items.Length, project.Run("bin/Debug/net10.0/App.dll").Succeeded().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public void A_file_listed_twice_for_one_class_is_reported_with_the_remedy_Update()
    {
        using UserProject project = UserProject.Console(feed, items: """<BpfCompile Include="packets.bpf.c" Mcpu="v4" />""");
        project.Write("packets.bpf.c", KernelC.CountsPackets);

        Assert.Contains("use Update instead of Include", OnlyError(project), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""<BpfCompile Update="b.bpf.c" ClassName="PACKETS" />""", "The class App.Packets is already made from b.bpf.c, and differs from App.PACKETS by case only")]
    [InlineData("""<BpfCompile Update="b.bpf.c" Namespace="app" ClassName="Packets" />""", "and differs from app.Packets by case only")]
    [InlineData("""<BpfCompile Update="b.bpf.c" ClassName="Packets" />""", "The class App.Packets is already made from b.bpf.c; rename one")]
    [InlineData("""<BpfCompile Update="b.bpf.c" Namespace="App.Packets" />""", "has the same name as the namespace of App.Packets.B")]
    [InlineData("""<BpfCompile Update="b.bpf.c" Namespace="App.Packets.Inner" />""", "has the same name as the namespace of App.Packets.Inner.B")]
    public void Classes_that_clash_are_reported_once(string update, string message)
    {
        using UserProject project = UserProject.Console(feed);
        project.Write("packets.bpf.c", KernelC.CountsPackets);
        project.Write("b.bpf.c", KernelC.CountsPackets);
        project.Write("Directory.Build.targets", $"<Project><ItemGroup>{update}</ItemGroup></Project>");

        Assert.Contains(message, OnlyError(project), StringComparison.Ordinal);
    }

    private static string OnlyError(UserProject project)
    {
        BuildResult build = project.Build().Failed();
        string error = Assert.Single(build.Diagnostics("HMBPF0003"));
        Assert.Equal([error], build.Diagnostics(@"\w+"));
        return error;
    }

    private UserProject Make()
    {
        string items = string.Concat(s_items.Select((item, i) =>
            $"""<BpfCompile Include="{Escape(item.Item)}" ClassName="{item.Class}" Defines="WHICH={i}" />"""));
        UserProject project = UserProject.Console(
            feed, properties: "<EnableDefaultBpfItems>false</EnableDefaultBpfItems><BpfPrebuilt>prebuilt</BpfPrebuilt>", items: items);
        foreach (string file in s_items.Select(item => item.Item))
        {
            project.Write(file, "const volatile unsigned which = WHICH;\n" + KernelC.CountsPackets.Replace("one = 1", "one = which", StringComparison.Ordinal));
        }

        project.Write("Main.cs", string.Concat(s_items.Select(item => $"Console.WriteLine($\"{item.Class} {{{item.Class}.Open().Globals.Which}}\");\n")));
        return project;
    }

    private static string Escape(string item) => item.Replace("@", "%40", StringComparison.Ordinal).Replace(";", "%3B", StringComparison.Ordinal);
}
