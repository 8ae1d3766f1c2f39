using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Requirements;

namespace Hypermesh.Bpf.Tests.Kernel.Objects.Requirements;

/// <summary>The tables that name the first kernel of a type, against the lists the running kernel has in its types.</summary>
public sealed class KernelFactTests : KernelTest
{
    [Fact]
    public void This_kernel_has_the_map_types_of_its_version_and_no_others()
        => Compare("bpf_map_type", MapTypeFacts.All.Select(static type => ((uint)type, type.ToString(), MapTypeFacts.Since(type)!)));

    [Fact]
    public void This_kernel_has_the_program_types_of_its_version_and_no_others()
        => Compare("bpf_prog_type", ProgramTypeFacts.All.Select(static type => ((uint)type, type.ToString(), ProgramTypeFacts.Since(type)!)));

    [Fact]
    public void This_kernel_has_the_ways_of_attaching_of_its_version_and_no_others()
        => Compare("bpf_attach_type", AttachTypeFacts.All.Select(static type => ((uint)type, type.ToString(), AttachTypeFacts.Since(type)!)));

    [Fact]
    public void This_kernel_has_no_function_that_came_later()
    {
        using KernelBtf kernel = KernelBtf.Acquire(Kernel);
        string[] early = [.. KernelFunctionFacts.All.Where(name => KernelFunctionFacts.Find(name) is { Lacking: { } lacking } && Release(KernelFacts.Running) <= lacking && kernel.Types.Find(name, BtfKind.Function) != 0)];

        Assert.Empty(early);
        Assert.True(KernelFunctionFacts.All.Count() > 250);
    }

    private static void Compare(string list, IEnumerable<(uint Number, string Name, Version Since)> table)
        => Assert.Empty(table.Where(row => (row.Since <= KernelFacts.Running) != KernelNames.HasNumber(list, row.Number)).Select(row => $"{row.Name} of {list}: {row.Since} in the table"));

    private static Version Release(Version version) => new(version.Major, version.Minor);
}
