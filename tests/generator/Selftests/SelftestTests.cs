using System.Text;
using Hypermesh.Bpf.Tests.Generator.Support;
using Hypermesh.BpfSdk.Generators.Diagnostics;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;
using Hypermesh.BpfSdk.Tasks.Layouts;
using Microsoft.CodeAnalysis;

namespace Hypermesh.Bpf.Tests.Generator.Selftests;

/// <summary>Some four hundred programs nobody wrote with these bindings in mind, those of the kernel's own tests; and every struct of this kernel.</summary>
public sealed class SelftestTests(KernelSelftests selftests) : IClassFixture<KernelSelftests>
{
    private static readonly string[] s_ofNone = [SourceIds.NoSection, SourceIds.FoldedConstant, SourceIds.PointerInData, SourceIds.PointerInEvent, SourceIds.ProcessMemory, SourceIds.OtherContext];

    private static readonly string[] s_loops = ["loop1.bpf.c", "loop2.bpf.c", "loop3.bpf.c"];

    private const int AtLeast = 450;
    private const int FilesAtOnce = 40;

    // A few of the kernel's types differ in the case of letters alone (xt_dscp_info and xt_DSCP_info).
    private const int MostClashes = 2;

    [Fact]
    public void Their_bindings_are_made_and_compile_without_a_warning()
    {
        selftests.Need();

        Assert.True(selftests.All.Count >= AtLeast, $"{selftests.All.Count} of {selftests.Objects} objects have bindings");
        Assert.Equal(selftests.All.Count, selftests.Run.Sources.Length);

        // What is questionable in the C is not what is asked here: many are wrong on purpose.
        string[] ignored = [.. SourceDescriptors.All.Select(rule => rule.Id), "HMBPF2008"];
        Empty(selftests.Run.Diagnostics.Where(found => found.Severity != DiagnosticSeverity.Info && !ignored.Contains(found.Id)).Select(found => found.ToString()));
        Assert.NotEmpty(selftests.Assembly);
    }

    /// <summary>They take the kernel's types from vmlinux.h, so their fields are relocated; what is reported is wrong on purpose.</summary>
    [Fact]
    public void Fields_at_a_fixed_offset_are_reported_only_where_there_are_some()
    {
        selftests.Need();

        Empty(selftests.Run.Diagnostics.Where(found => found.Id == SourceIds.FixedKernelField).Select(found => found.ToString()));
    }

    /// <summary>
    /// What works on a kernel is not reported as a mistake. Objects of types alone have a function for nothing but its types, one benchmark has constants that C# could set, and three
    /// loops have a bound that they read as a register from the arguments of a tracepoint (PT_REGS_RC in SEC("raw_tracepoint/…")).
    /// </summary>
    [Fact]
    public void What_works_is_not_reported_as_a_mistake()
    {
        selftests.Need();

        Empty(selftests.Run.Diagnostics
            .Where(found => s_ofNone.Contains(found.Id))
            .Select(found => found.ToString())
            .Where(found => !found.StartsWith("btf_d", StringComparison.Ordinal) && !found.StartsWith("bloom_filter_bench.bpf.c", StringComparison.Ordinal))
            .Where(found => !(found.Contains(SourceIds.OtherContext, StringComparison.Ordinal) && s_loops.Any(loop => found.StartsWith(loop, StringComparison.Ordinal)))));
    }

    [Fact]
    public void Few_of_them_have_two_names_that_clash()
    {
        selftests.Need();

        Assert.DoesNotContain(selftests.Clashing, source => !source.StartsWith("kernel_", StringComparison.Ordinal));
        Assert.True(selftests.Clashing.Count <= MostClashes, string.Join(", ", selftests.Clashing));
    }

    [Fact]
    public void Only_objects_that_cannot_be_used_alone_have_no_bindings()
    {
        selftests.Need();

        Assert.Equal(selftests.Objects, selftests.All.Count + selftests.Refused.Count);
        Empty(selftests.Refused.Where(refused => !IsExpected(refused.Value)).Select(refused => $"{refused.Key}: {refused.Value}"));
    }

    [Fact]
    public void Their_structs_have_the_layout_bpftool_prints()
    {
        selftests.Need();
        Machine.Need("bpftool");
        using var compiled = new CompiledLayouts(new MemoryStream(selftests.Assembly));
        var problems = new List<string>();

        int compared = selftests.Clean.AsParallel().Select(static bindings => (Bindings: bindings, Types: BpftoolTypes.Of(bindings.Path))).AsSequential()
            .Sum(one => one.Bindings.CompareWith(one.Types, compiled, problems));

        Empty(problems);
        Assert.True(compared > 1500, $"only {compared} sizes and offsets were compared");
        TestContext.Current.TestOutputHelper?.WriteLine($"{compared} sizes and offsets of {selftests.Clean.Count} objects");
    }

    [Fact]
    public void Their_structs_have_the_layout_of_a_compiler()
    {
        selftests.Need();
        Machine.Need("bpftool");
        string clang = Machine.Clang();
        using var compiled = new CompiledLayouts(new MemoryStream(selftests.Assembly));
        string folder = Directory.CreateTempSubdirectory("hypermesh-offsets-").FullName;
        try
        {
            (string Path, string[] Assertions)[] files =
            [
                .. selftests.Clean.Select(bindings => (bindings.Path, Assertions: bindings.Assertions(compiled).ToArray())).Where(static file => file.Assertions.Length > 0),
            ];
            string[] problems =
            [
                .. files.Chunk(FilesAtOnce).AsParallel().Select(chunk =>
                {
                    (int code, string output) = Machine.Run(clang, ["-target", "bpfel", "-fsyntax-only", "-w", .. chunk.Select(file => SourceOf(folder, file.Path, file.Assertions))]);
                    return code == 0 ? "" : output;
                }),
            ];
            int asserted = files.Sum(static file => file.Assertions.Length);

            Empty(problems.Where(static problem => problem.Length > 0));
            Assert.True(asserted > 1500, $"only {asserted} sizes and offsets were asserted");
            TestContext.Current.TestOutputHelper?.WriteLine($"{asserted} sizes and offsets of {files.Length} objects");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // The types of an object as bpftool writes them, with the assertions below.
    private static string SourceOf(string folder, string path, string[] assertions)
    {
        string file = Path.Combine(folder, Path.GetFileNameWithoutExtension(path) + ".c");
        File.WriteAllText(file, new StringBuilder(BpftoolTypes.SourceOf(path)).AppendJoin('\n', assertions).Append('\n').ToString());
        return file;
    }

    // All of them in the message: a few would say little of four hundred files.
    private static void Empty(IEnumerable<string> problems)
    {
        string all = string.Join('\n', problems);
        Assert.True(all.Length == 0, all);
    }

    // Objects without program, map and variable, parts of an object that is linked from several, maps in the format before BTF, and one that libbpf is meant to reject too.
    private static bool IsExpected(string reason)
        => reason == "it is empty"
            || reason.Contains("declared extern and not defined in this object", StringComparison.Ordinal)
            || reason.Contains("maps in the old form", StringComparison.Ordinal)
            || reason.Contains("has pinning 2", StringComparison.Ordinal);

    [Fact]
    public void The_builds_own_check_finds_nothing()
    {
        selftests.Need();
        using var compiled = new CompiledLayouts(new MemoryStream(selftests.Assembly));

        Empty(selftests.Clean.SelectMany(bindings => new LayoutComparison(bindings.Parsed, compiled).Run().Select(problem => $"{bindings.Path}: {problem}")));
    }
}
