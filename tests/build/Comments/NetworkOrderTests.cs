using System.Text.RegularExpressions;
using Hypermesh.Bpf.Tests.Build.Support;

namespace Hypermesh.Bpf.Tests.Build.Comments;

/// <summary>Comparisons of what is in network order with constants that are not, found by libclang in the build.</summary>
public sealed partial class NetworkOrderTests(PackedFeed feed)
{
    private const string Mark = "/* wrong */";

    // As vmlinux.h has them.
    private const string Header = """
        #pragma once
        #define ETH_P_ARP_OWN 0x0806
        #define PORT_BE 0x1f90

        static inline int is_arp(__be16 proto)
        {
        	return proto == ETH_P_ARP_OWN || /* wrong */
        		proto == PORT_BE;
        }

        """;

    private static string Source => File.ReadAllText(Path.Combine(PackedFeed.Repository, "tests/build/Comments/order.bpf.c"));

    [Fact]
    public void Each_comparison_is_reported_at_its_line_and_nothing_else()
    {
        using UserProject project = UserProject.Console(feed, items: """<BpfCompile Update="order.bpf.c" Defines="OUTSIDE=53" />""");
        project.Write("order.bpf.c", Source);
        project.Write("folder/own.h", Header);
        project.Write("own.h", "#pragma once\n#include \"folder/own.h\"\n");

        IReadOnlyList<string> told = project.Build().Succeeded().Diagnostics("HMBPF2516");

        Assert.Equal(Marked("order.bpf.c", Source).Concat(Marked("own.h", Header)).Order(StringComparer.Ordinal), told.Select(static one => Place().Match(one).Value).Order(StringComparer.Ordinal));
        Assert.Contains(told, static one => one.Contains("'remote_port' of struct bpf_sock_ops is in network byte order", StringComparison.Ordinal) && one.Contains("Write bpf_htonl(80)", StringComparison.Ordinal));
        Assert.Contains(told, static one => one.Contains("Write bpf_ntohs(dest)", StringComparison.Ordinal));
    }

    [Fact]
    public void An_edit_of_a_header_alone_is_seen_by_the_next_build()
    {
        using UserProject project = UserProject.Console(feed);
        project.Write("packets.bpf.c", KernelC.CountsPackets.Replace("#include <bpf/bpf_helpers.h>\n", "#include <bpf/bpf_helpers.h>\n#include <bpf/bpf_endian.h>\n#include \"own.h\"\n"));
        project.Write("own.h", Header);
        Assert.Single(project.Build().Succeeded().Diagnostics("HMBPF2516"));

        // clang folds the function away: the object stays the same.
        project.Write("own.h", Header.Replace("== ETH_P_ARP_OWN", "== bpf_htons(ETH_P_ARP_OWN)"));

        Assert.Empty(project.Build().Succeeded().Diagnostics("HMBPF2516"));
    }

    private static IEnumerable<string> Marked(string file, string text)
        => text.Split('\n').Index().Where(static line => line.Item.Contains(Mark, StringComparison.Ordinal)).Select(line => $"{file}({line.Index + 1}");

    [GeneratedRegex(@"[a-z.]+\(\d+")]
    private static partial Regex Place();
}
