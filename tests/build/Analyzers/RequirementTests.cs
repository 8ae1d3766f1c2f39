using Hypermesh.Bpf.Tests.Build.Support;

namespace Hypermesh.Bpf.Tests.Build.Analyzers;

/// <summary>A project says which kernel is the oldest it is for; what came later is told at its line.</summary>
public sealed class RequirementTests(PackedFeed feed)
{
    // bpf_loop is of 5.17.
    private static readonly string s_loops = KernelC.CountsPackets
        .Replace("SEC(\"xdp\")", "static int step(__u32 index, void *context)\n{\n\treturn 0;\n}\n\nSEC(\"xdp\")")
        .Replace("\treturn XDP_PASS;", "\tbpf_loop(4, step, 0, 0);\n\treturn XDP_PASS;");

    [Fact]
    public void A_newer_feature_is_a_warning_at_its_line()
    {
        using UserProject project = UserProject.Console(feed);
        project.Write("packets.bpf.c", s_loops);

        string warning = Assert.Single(project.Build().Succeeded().Diagnostics("HMBPF2505"));
        Assert.StartsWith($"{project.PathOf("packets.bpf.c")}(23,1): warning HMBPF2505: Helper bpf_loop came with Linux 5.17, and the oldest kernel of this file is 5.10 (BpfMinimumKernel)", warning, StringComparison.Ordinal);

        // The same for one file, and raised for the project.
        Assert.Empty(project.Build("-p:BpfMinimumKernel=5.17").Succeeded().Diagnostics("HMBPF2505"));
        project.Build("-p:WarningsAsErrors=HMBPF2505").Failed();
    }

    [Fact]
    public void An_invalid_version_of_a_kernel_is_reported()
    {
        using UserProject project = UserProject.Console(feed, properties: "<BpfMinimumKernel>newest</BpfMinimumKernel>");
        project.Write("packets.bpf.c", KernelC.CountsPackets);

        Assert.Contains("'newest' is not a release of Linux", Assert.Single(project.Build().Failed().Diagnostics("HMBPF0008")), StringComparison.Ordinal);
    }
}
