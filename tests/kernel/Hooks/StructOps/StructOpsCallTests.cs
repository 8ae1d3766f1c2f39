using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.TestRuns;

namespace Hypermesh.Bpf.Tests.Kernel.Hooks.StructOps;

/// <summary>Functions of a struct_ops map the kernel has for tests, and programs that are associated with one.</summary>
public sealed class StructOpsCallTests : KernelTest
{
    [Fact]
    [Row("sections", "struct_ops.s")]
    [Row("sections", ".struct_ops")]
    public void A_function_that_may_sleep_is_called_where_the_struct_ops_allows_it()
    {
        NeedsDummyOps();
        Dummyops live = Own(Dummyops.Open().Load());

        Assert.Equal((42, 42), Call(live.Programs.Wakeful, 41));
        Assert.Equal((51, 51), Call(live.Programs.Sleeping, 41));

        Dummyops.Spec wrong = Dummyops.Open();
        wrong.Object.StructOpsMap("ops").Enabled = false;
        wrong.Object.StructOpsMap("wrong").Enabled = true;
        BpfSyscallException refusal = Assert.ThrowsAny<BpfSyscallException>(() => wrong.Load());
        Assert.Equal((BpfCommand.ProgramLoad, "misplaced"), (refusal.Command!.Value, refusal.SubjectName));
    }

    [Fact]
    [Row("lifecycle", "associated struct_ops for syscall prog (BPF_PROG_ASSOC_STRUCT_OPS)")]
    public void A_program_belongs_to_one_struct_ops_and_holds_it()
    {
        Assert.SkipUnless(KernelNames.HasConstant("bpf_cmd", "BPF_PROG_ASSOC_STRUCT_OPS"), "this kernel's programs cannot be associated with a struct_ops map");
        Parts parts = Own(Parts.Open().Load());
        uint map;
        using (Congestion first = Own(Congestion.Open().Load()))
        using (Congestion others = Own(Congestion.Open().Load()))
        {
            BpfStructOps plain = first.Live.GetStructOps("plain");
            map = plain.Map.Id;
            plain.Associate(parts.Programs.Add);
            plain.Associate(parts.Programs.Add);

            BpfSyscallException second = Assert.Throws<BpfSyscallException>(() => others.Live.GetStructOps("plain").Associate(parts.Programs.Add));
            Assert.Equal(Errno.EBUSY, second.Errno);
            Assert.Equal(Errno.EINVAL, Assert.Throws<BpfSyscallException>(() => plain.Associate(first.Programs.HmInit)).Errno);
        }

        Assert.Single(BpfMapInfo.List(), info => info.Id == map);
        parts.Dispose();
        Assert.True(SpinWait.SpinUntil(() => BpfMapInfo.List().All(info => info.Id != map), TimeSpan.FromSeconds(60)), "the struct_ops map outlived the program");
    }

    // What the function gives back, and the state as it left it.
    private static unsafe (int Result, int State) Call(BpfProgram function, int state)
    {
        ulong argument = (ulong)&state;
        BpfTestRunResult result = TestRunCall.Run(function, [], System.Runtime.InteropServices.MemoryMarshal.AsBytes(new Span<ulong>(ref argument)), new BpfTestRunOptions(), 0);
        return ((int)result.ReturnValue, state);
    }

    private static void NeedsDummyOps()
    {
        Assert.SkipUnless(KernelNames.HasMember("bpf_dummy_ops", "test_sleepable"), "this kernel's bpf_dummy_ops has no function that may sleep");
    }
}
