using System.Text;
using Hypermesh.Bpf.Maps;
using Hypermesh.Bpf.Objects;

namespace Hypermesh.Bpf.Tests.Kernel.Maps;

/// <summary>Fields of values that are the kernel's own: it finds them by the types the loader hands it, and does what they are for.</summary>
public sealed class SpecialFieldTests : KernelTest
{
    private readonly byte[] _packet = new byte[64];

    [Fact]
    [Row("maps", "special field: bpf_kptr")]
    public void A_task_is_kept_in_a_value_and_taken_out()
    {
        NeedsFunction("bpf_task_from_pid");
        Kptrs live = Own(Kptrs.Open(static spec => spec.Globals.Wanted = Environment.ProcessId).Load());

        Assert.Equal([0u, 0u, 1u], [Run(live.Programs.Take), Run(live.Programs.Keep), Run(live.Programs.Keep)]);
        Assert.Equal([1u, 0u], [Run(live.Programs.Take), Run(live.Programs.Take)]);
        Assert.Equal(Environment.ProcessId, live.Globals.Seen);

        // What is in the map when it ends, the kernel gives back.
        Assert.Equal(0u, Run(live.Programs.Keep));
    }

    [Fact]
    [Row("maps", "special field: bpf_wq")]
    public void Work_in_a_value_is_done_later()
    {
        NeedsFunction("bpf_wq_init");
        Workqueue live = Own(Workqueue.Open().Load());

        Assert.Equal(0u, Run(live.Programs.Start));

        BpfMapHandle jobs = live.Live.GetMap("jobs");
        Stimuli.Reaches(() => LastWord(jobs), 1);
    }

    [Fact]
    [Row("maps", "special field: bpf_list_head")]
    public void A_list_in_a_value_returns_its_items_in_order()
        => Assert.Equal(312u, Run(Graph(static spec => spec.Programs.FirstInFirstOut).Programs.FirstInFirstOut));

    [Fact]
    [Row("maps", "special field: bpf_rb_root")]
    public void A_tree_among_the_globals_returns_the_least_first()
        => Assert.Equal(123u, Run(Graph(static spec => spec.Programs.LeastFirst).Programs.LeastFirst));

    private Graphs Graph(Func<Graphs.Spec, BpfProgramSpec> choose)
    {
        NeedsFunction("bpf_list_push_back_impl");
        Graphs.Spec spec = Graphs.Open();
        choose(spec).Enabled = true;
        return Own(spec.Load());
    }

    private uint Run(IBpfPacketTest program) => program.TestRun(_packet).ReturnValue;

    private static unsafe ulong LastWord(BpfMapHandle map)
    {
        int key = 0;
        ulong* value = stackalloc ulong[(int)map.ValueSize / sizeof(ulong)];
        Assert.Equal(0, MapCalls.Lookup(map, &key, value));
        return value[(map.ValueSize / sizeof(ulong)) - 1];
    }
}
