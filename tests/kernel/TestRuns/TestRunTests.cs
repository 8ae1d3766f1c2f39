using System.Runtime.InteropServices;
using Hypermesh.Bpf.Objects.Instructions;

namespace Hypermesh.Bpf.Tests.Kernel.TestRuns;

public sealed class TestRunTests : KernelTest
{
    private const int XdpPass = 2;
    private const int XdpTransmit = 3;
    private const byte LoadWord = 0x61;
    private const byte StoreWord = 0x62;
    private const int Repeats = 1000;
    private const int Frames = 10;

    [StructLayout(LayoutKind.Sequential)]
    private struct XdpContext
    {
        public uint Data, DataEnd, DataMeta, IngressInterface, ReceiveQueue, EgressInterface;
    }

    [Theory]
    [InlineData(1)]
    [InlineData(13)]
    public void A_refusal_of_a_short_packet_says_how_long_one_must_be(int length)
    {
        BpfInstructionProgram program = Own(BpfInstructionProgram.Load(SmallPrograms.Returning(XdpPass).Bytes(), BpfProgramType.SchedCls, "any"));

        BpfSyscallException refusal = Assert.Throws<BpfSyscallException>(() => program.TestRun(new byte[length]));

        Assert.Contains("at least the 14 bytes", refusal.Message, StringComparison.Ordinal);
        program.TestRun(new byte[64]);
    }

    /// <summary>Whether the kernel takes such a packet depends on the type and on the kernel.</summary>
    [Theory]
    [InlineData(BpfProgramType.Xdp, 8192, "must fit into one page")]
    [InlineData(BpfProgramType.SchedCls, 8192, "must fit into one page")]
    [InlineData(BpfProgramType.Xdp, 4, "at least the 14 bytes")]
    public void An_unusual_packet_runs_or_the_refusal_says_why_not(BpfProgramType type, int length, string why)
    {
        BpfInstructionProgram program = Own(BpfInstructionProgram.Load(SmallPrograms.Returning(XdpPass).Bytes(), type, "any"));
        try
        {
            Assert.Equal((uint)XdpPass, program.TestRun(new byte[length]).ReturnValue);
        }
        catch (BpfSyscallException refusal)
        {
            Assert.Contains(why, refusal.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    [Row("runtime", "PROG_TEST_RUN: data, ctx, repeat, cpu, flags")]
    public void A_packet_goes_in_and_comes_out_as_the_program_left_it()
    {
        // struct xdp_md: data, data_end; the first word of the packet is overwritten when it is there.
        BpfInstruction[] code =
        [
            new(LoadWord, 2, 1, 0, 0),
            new(LoadWord, 3, 1, 4, 0),
            Code.Copy(4, 2),
            Code.Add(4, 4),
            new(0x2d, 4, 3, 1, 0),
            new(StoreWord, 2, 0, 0, 0x04030201),
            Code.Move(0, XdpPass),
            Code.Exit(),
        ];
        BpfInstructionProgram program = Own(BpfInstructionProgram.Load(code.Bytes(), BpfProgramType.Xdp, "overwrites"));
        BpfTestRunResult once = program.TestRun(new byte[64]);
        Assert.Equal((uint)XdpPass, once.ReturnValue);
        Assert.Equal(64, once.Data.Length);
        Assert.Equal([1, 2, 3, 4, 0], once.Data.Span[..5].ToArray());

        using IDisposable counting = BpfStatistics.Enable();
        ulong before = program.GetInfo().RunCount;
        BpfTestRunResult many = program.TestRun(new byte[64], new BpfTestRunOptions { Repeat = Repeats });
        Assert.Equal((uint)XdpPass, many.ReturnValue);

        // Kernels differ in whether they count the runs of a test; the time they always tell.
        Assert.True(program.GetInfo().RunCount - before is 0 or Repeats);
        Assert.InRange(many.Duration, TimeSpan.Zero, TimeSpan.FromMilliseconds(50));
    }

    [Fact]
    [Row("runtime", "PROG_TEST_RUN: data, ctx, repeat, cpu, flags")]
    public void A_raw_tracepoint_runs_on_the_requested_CPU_with_its_arguments()
    {
        // Returns the CPU it runs on times 1000 and its first argument.
        const int CurrentCpu = 8;
        BpfInstruction[] code =
        [
            Code.Load(6, 1, 0),
            Code.Call(CurrentCpu),
            new(0x27, 0, 0, 0, 1000),
            new(0x0f, 0, 6, 0, 0),
            Code.Exit(),
        ];
        BpfInstructionProgram program = Own(BpfInstructionProgram.Load(code.Bytes(), BpfProgramType.RawTracepoint, "where"));
        uint last = (uint)(Environment.ProcessorCount - 1);
        ulong argument = 7;
        BpfTestRunResult result = program.TestRun(ref argument, new BpfTestRunOptions { Flags = BpfTestRunFlags.OnCpu, Cpu = last });
        Assert.Equal((last * 1000) + 7, result.ReturnValue);
        Assert.True(result.Data.IsEmpty);
    }

    [Fact]
    [Row("runtime", "PROG_TEST_RUN: data, ctx, repeat, cpu, flags")]
    public void An_option_that_the_type_does_not_support_is_rejected_with_the_programs_name()
    {
        BpfInstructionProgram program = Own(BpfInstructionProgram.Load(SmallPrograms.Returning(0).Bytes(), BpfProgramType.SocketFilter, "short_packet"));
        BpfSyscallException refused = Assert.Throws<BpfSyscallException>(() => program.TestRun([1, 2, 3]));
        Assert.Equal(22, refused.Errno);
        Assert.Contains("short_packet", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Row("runtime", "XDP live frames (BPF_F_TEST_XDP_LIVE_FRAMES, batch_size)")]
    public void Live_frames_leave_through_the_device_of_the_context() => Sandbox.WithNetwork(() =>
    {
        Sandbox.Shell("echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6; ip link add live0 type veth peer name live1 && ip link set live0 up && ip link set live1 up");

        // A device takes frames only where its other end has a program of its own; that one counts them.
        BpfMapHandle map = Create(BpfMapType.Array, 4, 8, 1);
        var counter = new BpfArrayMap<ulong>(map);
        var receiver = new BpfXdpProgram(Load.Descriptor("receives", BpfProgramType.Xdp, Code.CountInto(map), BpfAttachType.Xdp));
        Own(new Unload(receiver));
        receiver.Attach(NetworkDevice.FromName("live1"), XdpMode.Native);

        BpfInstructionProgram program = Own(BpfInstructionProgram.Load(SmallPrograms.Returning(XdpTransmit).Bytes(), BpfProgramType.Xdp, "live", attachType: BpfAttachType.Xdp));
        byte[] packet = new byte[64];
        var context = new XdpContext { Data = 0, DataEnd = (uint)packet.Length, IngressInterface = (uint)NetworkDevice.FromName("live0").Index };
        BpfTestRunResult result;
        try
        {
            result = program.TestRun(packet, ref context, new BpfTestRunOptions { Flags = BpfTestRunFlags.LiveFrames, Repeat = Frames, BatchSize = 5 });
        }
        catch (BpfSyscallException reason) when (reason.Errno == Errno.EINVAL && !KernelNames.HasMember("bpf_attr", "batch_size"))
        {
            TestContext.Current.TestOutputHelper?.WriteLine(reason.Message);
            Assert.Skip("this kernel has no live frames");
            throw;
        }

        Assert.True(result.Data.IsEmpty);
        SpinWait.SpinUntil(() => counter[0] >= Frames, TimeSpan.FromSeconds(30));
        Assert.Equal((ulong)Frames, counter[0]);
    });
}
