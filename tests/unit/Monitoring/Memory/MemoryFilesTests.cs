using System.Text;
using Hypermesh.Bpf.Monitoring.KernelCounters;
using Hypermesh.Bpf.Monitoring.Memory;

namespace Hypermesh.Bpf.Tests.Unit.Monitoring.Memory;

public sealed class MemoryFilesTests
{
    [Fact]
    public void What_cannot_be_reclaimed_under_v2_is_without_the_page_cache()
    {
        CGroupMemory memory = CGroupMemoryFiles.ParseV2(
            "anon 1000\nfile 900000\nkernel 99999\nkernel_stack 20\npagetables 300\nsec_pagetables 7\nsock 5\nshmem 4000\nfile_mapped 8\nactive_file 500000\nslab_reclaimable 70000\nslab_unreclaimable 50000\nslab 120000\n"u8);
        Assert.Equal(new CGroupMemory(1000 + 4000 + 50000 + 20 + 300, 0), memory);
    }

    [Fact]
    public void A_field_that_a_kernel_lacks_is_nothing()
        => Assert.Equal(new CGroupMemory(1050, 0), CGroupMemoryFiles.ParseV2("anon 1000\nslab_unreclaimable 50\nthe rest"u8));

    [Fact]
    public void Under_v1_the_totals_of_the_groups_below_count()
        => Assert.Equal(new CGroupMemory(3400, 77), CGroupMemoryFiles.ParseV1("cache 5\nrss 6\nshmem 7\nswap 8\ntotal_cache 100\ntotal_rss 3000\ntotal_rss_huge 2000\ntotal_shmem 400\ntotal_swap 77\n"u8));

    [Theory]
    [InlineData("max\n", long.MaxValue)]
    [InlineData("134217728\n", 134217728)]
    [InlineData("9223372036854771712\n", long.MaxValue)]
    [InlineData("0\n", 0)]
    public void A_limit_is_a_number_or_none(string text, long expected)
    {
        Assert.True(CGroupMemoryFiles.TryParseNumber(Encoding.UTF8.GetBytes(text), out long value));
        Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("many\n")]
    public void Another_text_is_no_limit(string text) => Assert.False(CGroupMemoryFiles.TryParseNumber(Encoding.UTF8.GetBytes(text), out _));

    [Fact]
    public void The_counters_of_vmstat_are_added_up_over_the_zones()
    {
        VmCounts counts = VmStat.Parse(
            "nr_free_pages 5\npgalloc_dma 1\npgalloc_dma32 20\npgalloc_normal 300\npgalloc_movable 4000\nallocstall_dma 0\nallocstall_normal 7\nallocstall_movable 2\npgscan_kswapd 100\npgscan_direct 50\npgscan_direct_throttle 9999\npgscan_anon 200\npgscan_file 40\npageoutrun 6\noom_kill 3"u8);
        Assert.Equal((4321UL, 9UL, 6UL, 3UL, 90UL), (counts.AllocatedPages, counts.Stalls, counts.KswapdRuns, counts.OomKills, counts.ScannedForCGroups));
    }

    [Fact]
    public void Pressure_is_the_total_in_microseconds()
    {
        Assert.True(PressureFiles.TryParse("some avg10=0.12 avg60=0.00 avg300=0.00 total=123456\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=789\n"u8, out ulong some, out ulong full));
        Assert.Equal((123456UL, 789UL), (some, full));
        Assert.True(PressureFiles.TryParse("some avg10=0.12 avg60=0.00 avg300=0.00 total=5\n"u8, out some, out full));
        Assert.Equal((5UL, 0UL), (some, full));
        Assert.False(PressureFiles.TryParse(""u8, out _, out _));
    }
}
