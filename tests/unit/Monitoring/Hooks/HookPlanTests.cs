using Hypermesh.Bpf.Monitoring;
using Hypermesh.Bpf.Monitoring.Hooks;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Tests.Unit.Monitoring.Hooks;

public sealed class HookPlanTests
{
    private const string Known = "bool, task_struct";

    private static readonly HookFacts s_plain = new(HasTraceFs: true, IsPreemptible: false);

    private static readonly HookOption s_classic = new(HookSource.Tracepoint, "classic", "sched_switch", "pid, comm");
    private static readonly HookOption s_typed = new(HookSource.TpBtf, "typed", "sched_switch", Known);
    private static readonly HookOption s_other = new(HookSource.Xdp, "other", "xdp");

    [Fact]
    public void The_first_way_that_the_kernel_has_is_chosen_without_a_reason()
    {
        HookChoice choice = Choose(Kernel("bool task"), s_plain, s_typed, s_other);
        Assert.Equal((s_typed, null), (choice.Option, choice.Reason));
    }

    [Fact]
    public void A_prototype_that_is_not_known_is_refused_and_named()
    {
        HookChoice choice = Choose(Kernel("task bool"), s_plain, s_typed, s_other);
        Assert.Equal(s_other, choice.Option);
        Assert.Contains("(task_struct, bool)", choice.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_kernel_without_the_tracepoint_leaves_nothing()
    {
        HookChoice choice = Choose(new BtfBuilder().Types(), s_plain, s_typed, s_classic);
        Assert.Null(choice.Option);
        Assert.Contains("no tracepoint sched_switch", choice.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void On_a_preemptible_kernel_the_classic_tracepoint_comes_first()
    {
        BtfTypes kernel = Kernel("bool task");
        Assert.Equal(s_classic, Choose(kernel, new HookFacts(true, IsPreemptible: true), s_classic, s_typed).Option);
        Assert.Equal(s_typed, Choose(kernel, s_plain, s_classic, s_typed).Option);
        Assert.Null(Choose(kernel, s_plain, s_classic, s_typed).Reason);
    }

    [Fact]
    public void Without_tracefs_a_preemptible_kernel_takes_the_next_and_says_so()
    {
        HookChoice choice = Choose(Kernel("bool task"), new HookFacts(HasTraceFs: false, IsPreemptible: true), s_classic, s_typed);
        Assert.Equal((s_typed, "tracepoint: tracefs cannot be read"), (choice.Option, choice.Reason));
    }

    [Fact]
    public void A_classic_tracepoint_without_a_field_is_refused()
    {
        var lacking = new HookOption(HookSource.Tracepoint, "classic", "sched_switch", "pid, cookie");
        Assert.Contains("no field cookie", Choose(Kernel("bool task"), s_plain, lacking).Reason, StringComparison.Ordinal);
        var elsewhere = new HookOption(HookSource.Tracepoint, "classic", "sched_switch", "task_struct: state");
        Assert.Null(Choose(Kernel("bool task"), s_plain, elsewhere).Reason);
    }

    [Fact]
    public void Only_the_programs_that_were_chosen_are_used()
    {
        HookPlan plan = HookPlan.Resolve([new HookChain("switch", true, s_typed, s_classic)], Kernel("bool task"), s_plain);
        Assert.Equal((true, false), (plan.Uses("typed"), plan.Uses("classic")));
        Assert.Equal(s_typed, plan["switch"].Option);
    }

    private static HookChoice Choose(BtfTypes kernel, HookFacts facts, params HookOption[] options) => HookPlan.Resolve([new HookChain("switch", true, options)], kernel, facts).Choices[0];

    /// <summary>A kernel with the tracepoint sched_switch, with these arguments, and its classic record.</summary>
    private static BtfTypes Kernel(string arguments)
    {
        var btf = new BtfBuilder();
        int data = btf.Pointer(0);
        int number = btf.Int("int", 4, BtfIntEncoding.Signed);
        int flag = btf.Typedef("bool", btf.Int("_Bool", 1, BtfIntEncoding.Bool));
        int task = btf.Pointer(btf.Struct("task_struct", 8, ("state", number, 0)));
        int function = btf.Prototype(0, [data, .. arguments.Split(' ').Select(name => name == "bool" ? flag : task)]);
        btf.Typedef("btf_trace_sched_switch", btf.Pointer(function));
        btf.Struct("trace_event_raw_sched_switch", 16, ("pid", number, 0), ("comm", number, 32));
        return btf.Types();
    }
}
