using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Objects.Tracepoints;

namespace Hypermesh.Bpf.Tests.Unit.Objects.Tracepoints;

/// <summary>Arguments are found by type, wherever a kernel puts them.</summary>
public sealed class TracepointArgumentTests
{
    [Fact]
    public void Arguments_are_found_by_type_and_order()
    {
        TracepointPrototype prototype = Prototype(static (btf, data, flag, task, number) => [data, flag, task, task, number]);

        Assert.Equal(["bool", "task_struct", "task_struct", "unsigned_int"], prototype.Arguments);
        Assert.Equal(0, prototype.IndexOf("bool", 0));
        Assert.Equal(1, prototype.IndexOf("task_struct", 0));
        Assert.Equal(2, prototype.IndexOf("task_struct", 1));
        Assert.Equal(3, prototype.IndexOf("unsigned_int", 0));
        Assert.Equal(-1, prototype.IndexOf("task_struct", 2));
        Assert.Equal(-1, prototype.IndexOf("int", 0));
    }

    [Fact]
    public void Another_order_gives_other_places()
    {
        TracepointPrototype prototype = Prototype(static (btf, data, flag, task, number) => [data, number, task, flag]);

        Assert.Equal(2, prototype.IndexOf("bool", 0));
        Assert.Equal(1, prototype.IndexOf("task_struct", 0));
    }

    [Fact]
    public void A_tracepoint_the_kernel_lacks_is_null()
        => Assert.Null(TracepointPrototype.Find(new BtfBuilder().Types(), "sched_switch"));

    private static TracepointPrototype Prototype(Func<BtfBuilder, int, int, int, int, int[]> parameters)
    {
        var btf = new BtfBuilder();
        int data = btf.Pointer(0);
        int flag = btf.Typedef("bool", btf.Int("_Bool", 1, BtfIntEncoding.Bool));
        int task = btf.Pointer(btf.Struct("task_struct", 8));
        int number = btf.Int("unsigned int", 4, BtfIntEncoding.None);
        int function = btf.Prototype(0, parameters(btf, data, flag, task, number));
        btf.Typedef("btf_trace_sched_switch", btf.Pointer(function));
        return TracepointPrototype.Find(btf.Types(), "sched_switch")!;
    }
}
