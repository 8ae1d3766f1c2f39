using System.Xml.Linq;
using Hypermesh.Bpf.Tests.Build.Support;

namespace Hypermesh.Bpf.Tests.Build.Comments;

/// <summary>Comments of the C on their way into the documentation of a user's assembly. Needs libclang: where it is missing these tests fail.</summary>
public sealed class CommentTests(PackedFeed feed)
{
    private const string Documented = "<GenerateDocumentationFile>true</GenerateDocumentationFile><NoWarn>CS1591</NoWarn>";
    private const string WereRead = "libclang read the comments of the C";

    [Fact]
    public void A_changed_comment_is_in_the_documentation_after_the_next_build()
    {
        using UserProject project = UserProject.Console(feed, "Käse & <Brot>", Documented);
        string c = KernelC.CountsPackets.Replace("struct {", "/* Packets of each \\ protocol\t<&>; größer als 0. */\nstruct {");
        project.Write("packets.bpf.c", c);

        Assert.Contains(WereRead, project.Build().Succeeded().Output);
        Assert.Equal("Packets of each \\ protocol\t<&>; größer als 0.", Summary(project, "P:App.Packets.MapSet.ByProtocol"));

        // An unchanged build starts nothing.
        BuildResult unchanged = project.Build("--no-restore").Succeeded();
        Assert.DoesNotContain(WereRead, unchanged.Output);
        Assert.Equal(0, unchanged.ClangRuns);
        Assert.False(unchanged.RanCSharpCompiler, unchanged.Output);

        byte[] image = File.ReadAllBytes(project.Output("packets.bpf.o"));
        project.Write("packets.bpf.c", c.Replace("größer als 0", "kleiner"));
        BuildResult build = project.Build("--no-restore").Succeeded();

        Assert.True(build.RanCSharpCompiler);
        Assert.Equal("Packets of each \\ protocol\t<&>; kleiner.", Summary(project, "P:App.Packets.MapSet.ByProtocol"));
        // Nothing but the comment: the object is the same.
        Assert.Equal(image, File.ReadAllBytes(project.Output("packets.bpf.o")));
    }

    [Fact]
    public void All_files_are_read_at_once_and_headers_with_them()
    {
        using UserProject project = UserProject.Console(feed, properties: Documented + "<RootNamespace>N</RootNamespace>");
        project.Write("shared/key.h", "/* Not in any object. */\nstruct elsewhere { int unseen; };\n\n/* What is counted by. */\nstruct key {\n\t__u32 number; // In the header.\n};\n");
        foreach (string name in new[] { "one", "two", "three" })
        {
            project.Write(
                $"{name}.bpf.c",
                KernelC.CountsPackets
                    .Replace("#include <bpf/bpf_helpers.h>", "#include <bpf/bpf_helpers.h>\n#include \"shared/key.h\"")
                    .Replace("__type(key, __u32)", "__type(key, struct key)")
                    .Replace("__u32 key = ctx->ingress_ifindex", "struct key key = { ctx->ingress_ifindex }")
                    .Replace("SEC(\"xdp\")", $"/* Of {name}. */\nSEC(\"xdp\")"));
        }

        BuildResult build = project.Build().Succeeded();

        Assert.Equal(3, build.ClangRuns);
        Assert.Equal(2, build.Output.Split(WereRead).Length);
        foreach (string name in new[] { "One", "Two", "Three" })
        {
            Assert.Equal($"Of {name.ToLowerInvariant()}.", Summary(project, $"P:N.{name}.ProgramSet.CountPackets"));
            Assert.Equal("What is counted by.", Summary(project, $"T:N.{name}.Key"));
            Assert.Equal("In the header.", Summary(project, $"F:N.{name}.Key.Number"));
        }

        Assert.DoesNotContain("elsewhere", File.ReadAllText(project.Output("one.bpf.elf.txt")));
        project.Write("two.bpf.c", File.ReadAllText(project.PathOf("two.bpf.c")).Replace("Of two.", "Of the second."));
        Assert.Equal(1, project.Build("--no-restore").Succeeded().ClangRuns);
        Assert.Equal("Of the second.", Summary(project, "P:N.Two.ProgramSet.CountPackets"));
        Assert.Equal("Of three.", Summary(project, "P:N.Three.ProgramSet.CountPackets"));
    }

    [Theory]
    [InlineData("false")]
    [InlineData("true")]
    public void What_the_compiler_says_of_a_generated_declaration_names_the_C(string emitted)
    {
        using UserProject project = UserProject.Console(feed, properties: $"<EmitCompilerGeneratedFiles>{emitted}</EmitCompilerGeneratedFiles>");
        project.Write("deep/down/packets.bpf.c", KernelC.CountsPackets);
        project.Write("Twice.cs", "namespace App { public partial class Packets { public struct Spec { } } }");

        Assert.StartsWith($"{project.PathOf("deep/down/packets.bpf.c")}(1,", Assert.Single(project.Build().Failed().Diagnostics("CS0102")));
    }

    [Fact]
    public void The_same_source_gives_the_same_code_in_every_folder()
    {
        string[] carriers =
        [
            .. new[] { "Here", "A folder elsewhere" }.Select(folder =>
            {
                using UserProject project = UserProject.Console(feed, folder);
                project.Write("packets.bpf.c", KernelC.CountsPackets.Replace("SEC(\"xdp\")", "// Counts.\nSEC(\"xdp\")"));
                project.Build().Succeeded();
                return File.ReadAllText(project.Output("packets.bpf.elf.txt"));
            }),
        ];

        Assert.Contains("doc count_packets\t13\t5\t\tCounts.\n", carriers[0]);
        Assert.Equal(carriers[0], carriers[1]);
    }

    [Fact]
    public void Without_libclang_there_is_one_message_and_documentation_without_comments()
    {
        using UserProject project = UserProject.Console(feed, properties: Documented);
        project.Environment["HYPERMESH_BPF_LIBCLANG"] = "/nowhere/libclang.so";
        project.Write("packets.bpf.c", KernelC.CountsPackets.Replace("SEC(\"xdp\")", "// Counts.\nSEC(\"xdp\")"));
        project.Write("other.bpf.c", KernelC.CountsPackets);

        BuildResult build = project.Build("-warnaserror").Succeeded();

        Assert.Equal(2, build.Output.Split("HMBPF0007").Length);
        Assert.Contains("/nowhere/libclang.so", build.Output);
        Assert.Equal("Program count_packets, section xdp, line 15.", Summary(project, "P:App.Packets.ProgramSet.CountPackets"));

        Assert.Contains("HMBPF0007", Assert.Single(project.Build("--no-incremental", "-p:BpfDocumentation=required").Failed().Diagnostics("HMBPF0007")));
        Assert.DoesNotContain("HMBPF0007", project.Build("--no-incremental", "-p:BpfDocumentation=false").Succeeded().Output);
    }

    [Fact]
    public void Comments_switched_off_and_on_again_are_there_again()
    {
        using UserProject project = UserProject.Console(feed, properties: Documented);
        project.Write("packets.bpf.c", KernelC.CountsPackets.Replace("SEC(\"xdp\")", "// Counts.\nSEC(\"xdp\")"));

        Assert.DoesNotContain(WereRead, project.Build("-p:BpfDocumentation=false").Succeeded().Output);
        Assert.DoesNotContain("\ndoc ", File.ReadAllText(project.Output("packets.bpf.elf.txt")));
        Assert.Contains(WereRead, project.Build("--no-restore").Succeeded().Output);
        Assert.Equal("Counts.", Summary(project, "P:App.Packets.ProgramSet.CountPackets"));
    }

    private static string Summary(UserProject project, string member)
        => XDocument.Load(project.PathOf("obj/Debug/net10.0/App.xml")).Descendants("member")
            .Single(entry => entry.Attribute("name")!.Value == member).Element("summary")!.Value;
}
