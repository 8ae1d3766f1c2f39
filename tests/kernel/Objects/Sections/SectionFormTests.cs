using Hypermesh.Bpf.Objects.Sections;

namespace Hypermesh.Bpf.Tests.Kernel.Objects.Sections;

/// <summary>The categories of tracepoints, which messages about sections name, against those of this kernel.</summary>
public sealed class SectionFormTests : KernelTest
{
    [Fact]
    public void A_tracepoint_whose_category_is_known_has_it_in_this_kernel() => Sandbox.WithTracing(static () =>
    {
        SectionDefinition section = SectionTable.Find("tracepoint/sched/sched_switch");
        var known = (from category in new DirectoryInfo("/sys/kernel/tracing/events").EnumerateDirectories()
                     from tracepoint in category.EnumerateDirectories()
                     let suggested = SectionForms.OfTarget(section, tracepoint.Name)
                     where suggested != $"tracepoint/CATEGORY/{tracepoint.Name}"
                     select (Suggested: suggested, Right: $"tracepoint/{category.Name}/{tracepoint.Name}")).ToArray();

        Assert.True(known.Length > 100, $"{known.Length} have a known category");
        Assert.DoesNotContain(known, static one => one.Suggested != one.Right);
    });
}
