using System.Text;
using Hypermesh.Bpf.Tests.Generator.Support;
using Hypermesh.BpfSdk.Tasks.Layouts;
using Microsoft.CodeAnalysis;

namespace Hypermesh.Bpf.Tests.Generator;

/// <summary>Some four hundred programs nobody wrote with these bindings in mind: those of the kernel's own tests.</summary>
public sealed class SelftestsTests(Selftests selftests) : IClassFixture<Selftests>
{
    private const int AtLeast = 400;
    private const int FilesAtOnce = 40;

    [Fact]
    public void TheirBindingsAreMadeAndCompileWithoutAWarning()
    {
        selftests.Need();

        Assert.True(selftests.All.Count >= AtLeast, $"{selftests.All.Count} of {selftests.Objects} objects have bindings");
        Assert.Equal(selftests.All.Count, selftests.Run.Sources.Length);
        Assert.Empty(selftests.Run.Diagnostics.Where(found => found.Severity != DiagnosticSeverity.Info).Select(found => found.ToString()));
        Assert.NotEmpty(selftests.Assembly);
    }

    [Fact]
    public void TheirStructsLieAsBpftoolSays()
    {
        selftests.Need();
        Machine.Need("bpftool");
        using var compiled = new CompiledLayouts(new MemoryStream(selftests.Assembly));
        var problems = new List<string>();

        int compared = selftests.All.Sum(bindings => bindings.CompareWith(BpftoolTypes.Of(bindings.Path), compiled, problems));

        Assert.Empty(problems);
        Assert.True(compared > 2000, $"only {compared} sizes and offsets were compared");
        TestContext.Current.TestOutputHelper?.WriteLine($"{compared} sizes and offsets of {selftests.All.Count} objects");
    }

    [Fact]
    public void TheirStructsLieAsACompilerSays()
    {
        selftests.Need();
        Machine.Need("bpftool");
        string clang = Machine.Clang();
        using var compiled = new CompiledLayouts(new MemoryStream(selftests.Assembly));
        string folder = Directory.CreateTempSubdirectory("hypermesh-offsets-").FullName;
        try
        {
            int asserted = 0;
            List<string> files = [];
            foreach (Bindings bindings in selftests.All)
            {
                string[] assertions = [.. bindings.Assertions(compiled)];
                asserted += assertions.Length;
                string file = Path.Combine(folder, Path.GetFileNameWithoutExtension(bindings.Path) + ".c");
                File.WriteAllText(file, new StringBuilder(BpftoolTypes.SourceOf(bindings.Path)).AppendJoin('\n', assertions).Append('\n').ToString());
                files.Add(file);
            }

            foreach (string[] chunk in files.Chunk(FilesAtOnce))
            {
                (int code, string output) = Machine.Run(clang, ["-target", "bpfel", "-fsyntax-only", "-w", .. chunk]);
                Assert.True(code == 0, output);
            }

            Assert.True(asserted > 2000, $"only {asserted} sizes and offsets were asserted");
            TestContext.Current.TestOutputHelper?.WriteLine($"{asserted} sizes and offsets of {files.Count} objects");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void TheBuildsOwnCheckFindsNothing()
    {
        selftests.Need();
        using var compiled = new CompiledLayouts(new MemoryStream(selftests.Assembly));

        Assert.Empty(selftests.All.SelectMany(bindings => new LayoutComparison(bindings.Parsed, compiled).Run().Select(problem => $"{bindings.Path}: {problem}")));
    }
}
