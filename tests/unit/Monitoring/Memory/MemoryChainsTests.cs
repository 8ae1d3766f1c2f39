using Hypermesh.Bpf.Monitoring;
using Hypermesh.Bpf.Monitoring.Hooks;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Tests.Unit.Monitoring.Memory;

/// <summary>The hooks of the memory and the GPU monitor on kernels with the arguments that Debian's have.</summary>
public sealed class MemoryChainsTests
{
    private static readonly string[] s_before =
    [
        "mm_vmscan_direct_reclaim_begin int gfp", "mm_vmscan_direct_reclaim_end long", "mm_vmscan_memcg_reclaim_begin int gfp", "mm_vmscan_memcg_reclaim_end long",
        "mm_vmscan_kswapd_wake int int int", "mm_page_alloc page unsigned gfp int",
    ];

    private static readonly string[] s_from71 =
    [
        "mm_vmscan_direct_reclaim_begin gfp int mem_cgroup", "mm_vmscan_direct_reclaim_end long mem_cgroup", "mm_vmscan_memcg_reclaim_begin gfp int mem_cgroup", "mm_vmscan_memcg_reclaim_end long mem_cgroup",
        "mm_vmscan_kswapd_wake int int int", "mm_page_alloc page unsigned gfp int",
    ];

    public static TheoryData<string, string[]> Kernels => new()
    {
        { "5.10", [.. s_before, "mark_victim int"] },
        { "6.1", [.. s_before, "mark_victim task_struct uid"] },
        { "7.2", [.. s_from71, "mark_victim task_struct uid"] },
    };

    [Theory]
    [MemberData(nameof(Kernels))]
    public void All_arguments_of_these_kernels_are_known(string version, string[] tracepoints)
    {
        HookPlan plan = HookPlan.Resolve(MemoryMonitor.Chains(pageAllocations: true), Kernel(tracepoints), new HookFacts(HasTraceFs: false, IsPreemptible: false));
        Assert.All(plan.Choices, choice => Assert.True(choice.Option?.Source == HookSource.TpBtf, $"{version}: {choice.Chain.Name}: {choice.Reason}"));
    }

    [Fact]
    public void Arguments_in_an_order_that_no_kernel_has_are_refused()
    {
        HookPlan plan = HookPlan.Resolve(MemoryMonitor.Chains(pageAllocations: false), Kernel("mm_vmscan_direct_reclaim_begin mem_cgroup gfp int"), new HookFacts(HasTraceFs: true, IsPreemptible: true));
        Assert.All(plan.Choices, static choice => Assert.Null(choice.Option));
        Assert.Contains("(mem_cgroup, unsigned_int, int)", plan["mm_vmscan_direct_reclaim_begin"].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_the_schedulers_module_only_fences_are_left()
    {
        HookPlan plan = HookPlan.Resolve(GpuMonitor.Chains(), Kernel("dma_fence_init dma_fence", "dma_fence_emit dma_fence", "dma_fence_signaled dma_fence"), new HookFacts(false, false) { IsRunning = false });
        Assert.Equal(3, plan.Choices.Count(static choice => choice.Option is not null));
        Assert.All(plan.Choices.Where(static choice => choice.Option is null), static choice => Assert.Contains("has no types of module gpu_sched, which has tracepoint drm_", choice.Reason, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("drm_sched_job drm_sched_job drm_sched_entity", "drm_run_job drm_sched_job drm_sched_entity", "drm_sched_process_job drm_sched_fence")]
    [InlineData("drm_sched_job_queue drm_sched_job drm_sched_entity", "drm_sched_job_run drm_sched_job drm_sched_entity", "drm_sched_job_done drm_sched_fence")]
    public void A_scheduler_in_the_kernel_is_found_under_both_names(params string[] tracepoints)
    {
        HookPlan plan = HookPlan.Resolve(GpuMonitor.Chains(), Kernel(tracepoints), new HookFacts(false, false) { IsRunning = false });
        Assert.Equal(3, plan.Choices.Count(static choice => choice.Option is not null && choice.Chain.Name.StartsWith("drm", StringComparison.Ordinal)));
    }

    /// <summary>A kernel with tracepoints, each given by its name and its arguments.</summary>
    private static BtfTypes Kernel(params string[] tracepoints)
    {
        var btf = new BtfBuilder();
        int data = btf.Pointer(0);
        int number = btf.Int("int", 4, BtfIntEncoding.Signed);
        int unsigned = btf.Int("unsigned int", 4);
        int flags = btf.Typedef("gfp_t", unsigned);
        int id = btf.Typedef("uid_t", unsigned);
        int size = btf.Int("long unsigned int", 8);
        foreach (string tracepoint in tracepoints)
        {
            string[] words = tracepoint.Split(' ');
            int prototype = btf.Prototype(0, [data, .. words[1..].Select(word => word switch
            {
                "int" => number,
                "unsigned" => unsigned,
                "gfp" => flags,
                "uid" => id,
                "long" => size,
                _ => btf.Pointer(btf.Struct(word, 8, ("first", number, 0))),
            })]);
            btf.Typedef("btf_trace_" + words[0], btf.Pointer(prototype));
        }

        return btf.Types();
    }
}
