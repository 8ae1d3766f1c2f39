using System.Text.RegularExpressions;
using Hypermesh.Bpf.Tests.Build.Support;

namespace Hypermesh.Bpf.Tests.Build.Comments;

/// <summary>Mistakes that libclang finds in the C: the object has no types of local variables.</summary>
public sealed partial class MistakeRuleTests(PackedFeed feed)
{
    private const string Header = """
        #pragma once
        #include <linux/if_ether.h>

        static inline void *after(struct ethhdr *eth)
        {
        	return eth + sizeof(struct ethhdr); /* HMBPF2530 */
        }

        __attribute__((noinline)) void fill(void *record)
        {
        	asm volatile("" : : "r"(record) : "memory");
        }

        """;

    private static string Source => File.ReadAllText(Path.Combine(PackedFeed.Repository, "tests/build/Comments/mistakes.bpf.c"));

    [Theory]
    [InlineData("HMBPF2530")]
    [InlineData("HMBPF2531")]
    [InlineData("HMBPF2532")]
    [InlineData("HMBPF2533")]
    [InlineData("HMBPF2534")]
    [InlineData("HMBPF2535")]
    [InlineData("HMBPF2538")]
    [InlineData("HMBPF2539")]
    [InlineData("HMBPF2540")]
    [InlineData("HMBPF2541")]
    [InlineData("HMBPF2542")]
    public void Each_mistake_is_reported_at_its_line_and_nothing_else(string id)
    {
        using UserProject project = UserProject.Console(feed, properties: "<BpfMinimumKernel>7.2</BpfMinimumKernel>");
        project.Write("mistakes.bpf.c", Source);
        project.Write("own.h", Header);
        // A suggestion is in no output of a build.
        project.Write(".globalconfig", $"is_global = true\ndotnet_diagnostic.{id}.severity = warning\n");

        IReadOnlyList<string> told = project.Build().Succeeded().Diagnostics(id);

        Assert.Equal(Marked("mistakes.bpf.c", Source, id).Concat(Marked("own.h", Header, id)).Order(StringComparer.Ordinal), told.Select(static one => Place().Match(one).Value).Order(StringComparer.Ordinal));
    }

    private static IEnumerable<string> Marked(string file, string text, string id)
        => text.Split('\n').Index().Where(line => line.Item.EndsWith($"/* {id} */", StringComparison.Ordinal)).Select(line => $"{file}({line.Index + 1}");

    [GeneratedRegex(@"[a-z.]+\(\d+")]
    private static partial Regex Place();
}
