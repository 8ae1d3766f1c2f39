using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf.Tests.Kernel.Support;

/// <summary>A test of a program from instructions that counts switches of tasks, with what makes them.</summary>
public abstract class SwitchTest : KernelTest
{
    protected SwitchTest()
    {
        Map = Create(BpfMapType.Array, 4, 8, 1);
        Counter = new BpfArrayMap<ulong>(Map);
    }

    private protected BpfArrayMap<ulong> Counter { get; }

    private protected BpfMapHandle Map { get; }

    private protected BpfProgramDescriptor TypedDescriptor()
    {
        using KernelBtf types = KernelBtf.Acquire();
        int target = types.Types.Find("btf_trace_sched_switch", BtfKind.Typedef);
        return Load.Descriptor("typed", BpfProgramType.Tracing, Code.CountInto(Map), BpfAttachType.TraceRawTracePoint, "sched_switch", target);
    }

    private protected void CountsWhileAttached<TProgram>(TProgram program, Func<TProgram, BpfProgramLink> attach)
        where TProgram : BpfProgram
    {
        Own(new Unload(program));
        Switch();
        Assert.Equal(0ul, Counter[0]);
        BpfProgramLink link = attach(program);
        Assert.True(link.IsAttached);
        Switch();
        ulong counted = Counter[0];
        Assert.True(counted >= 20, $"{counted} switches");
        link.Dispose();
        ulong atDetach = Counter[0];
        Switch();

        // A run that had begun when the link went may still end.
        Assert.InRange(Counter[0], atDetach, atDetach + 2);
    }

    private protected static void Switch()
    {
        for (int i = 0; i < 30; i++)
        {
            Thread.Sleep(1);
        }
    }
}
