using System.Net.Sockets;
using Hypermesh.Bpf.Abi;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Loading;
using Hypermesh.Bpf.Loading.Programs;
using Hypermesh.Bpf.Maps;
using Hypermesh.Bpf.Programs;
using Microsoft.Extensions.Logging;

namespace Hypermesh.Bpf.Tests.Unit.Programs;

public sealed class ProgramTests
{
    private const string IdFile = "/sys/kernel/tracing/events/sched/sched_switch/id";
    private const string SetProgram = "ioctl 0x40042408";
    private const string Enable = "ioctl 0x2400";

    private readonly ScriptedKernel _kernel = new();

    [Theory]
    [InlineData("perf_event_open", -Errno.ENOMEM, typeof(BpfSyscallException))]
    [InlineData("perf_event_open", -Errno.EACCES, typeof(BpfPermissionException))]
    [InlineData("BPF_LINK_CREATE", -Errno.ENOMEM, typeof(BpfSyscallException))]
    [InlineData("BPF_LINK_CREATE", -Errno.EPERM, typeof(BpfPermissionException))]
    [InlineData(Enable, -Errno.EINVAL, typeof(BpfSyscallException))]
    public void A_tracepoint_that_fails_leaves_nothing(string call, long result, Type expected)
    {
        _kernel.Files[IdFile] = "316\n"u8.ToArray();
        BpfTracepointProgram program = Tracepoint();
        _kernel.Answer(call, result);
        Exception error = Assert.Throws(expected, () => program.Attach());
        Assert.Equal("p", ((BpfException)error).SubjectName);
        Assert.Empty(program.Links);
        Assert.Single(_kernel.OpenDescriptors);
        Assert.True(program.Attach().IsAttached);
        program.Unload();
        Assert.Empty(_kernel.OpenDescriptors);
    }

    [Fact]
    public void Before_5_15_a_tracepoint_goes_by_ioctl()
    {
        _kernel.Files[IdFile] = "316\n"u8.ToArray();
        _kernel.Answer(BpfCommand.LinkCreate, -Errno.EINVAL);
        BpfTracepointProgram program = Tracepoint();
        BpfProgramLink link = program.Attach();
        Assert.Null(link.Id);
        Assert.Contains(SetProgram, _kernel.Calls);
        Assert.Contains(Enable, _kernel.Calls);
        program.Unload();
        Assert.False(link.IsAttached);
        Assert.Empty(_kernel.OpenDescriptors);
    }

    [Fact]
    public void Tracing_files_are_found_in_the_old_place_and_missed_in_both()
    {
        BpfTracepointProgram program = Tracepoint();
        Assert.Contains("mounted", Assert.Throws<BpfFeatureNotSupportedException>(() => program.Attach()).Message, StringComparison.Ordinal);
        _kernel.Files["/sys/kernel/tracing/events"] = [];
        Assert.Contains("sched/sched_switch", Assert.Throws<BpfFeatureNotSupportedException>(() => program.Attach()).Feature, StringComparison.Ordinal);
        _kernel.Answer("open " + IdFile, -Errno.EACCES);
        Assert.Contains("read access", Assert.Throws<BpfPermissionException>(() => program.Attach()).Advice, StringComparison.Ordinal);
        _kernel.Files[IdFile.Replace("/tracing/", "/debug/tracing/", StringComparison.Ordinal)] = "3\n"u8.ToArray();
        Assert.True(program.Attach().IsAttached);
        program.Unload();
        Assert.Empty(_kernel.OpenDescriptors);
    }

    [Fact]
    public void An_interrupted_run_is_run_again()
    {
        _kernel.Answer(BpfCommand.ProgramTestRun, -Errno.EINTR, -Errno.EINTR);
        var program = new BpfSyscallProgram(Descriptor(BpfProgramType.Syscall));
        int context = 0;
        Assert.Equal(0, program.Run(ref context));
        Assert.Equal(3, _kernel.Calls.Count(call => call == "BPF_PROG_TEST_RUN"));
        program.Unload();
        Assert.Throws<ObjectDisposedException>(() => program.Run(ref context));
    }

    [Fact]
    public void An_iterator_reads_on_after_a_pause()
    {
        _kernel.Answer("read", 10, -Errno.EAGAIN, 5, -Errno.EINTR, 0);
        var program = new BpfIteratorProgram(Descriptor(BpfProgramType.Tracing) with { Target = "task" });
        var output = new MemoryStream();
        Assert.Equal(15, program.Run(output));
        Assert.Equal(15, output.Length);
        Assert.Single(_kernel.OpenDescriptors);
        _kernel.Answer("read", -Errno.ENOMEM);
        Assert.Equal("read", Assert.Throws<BpfSyscallException>(() => program.Run()).Operation);
        Assert.Single(_kernel.OpenDescriptors);
        program.Unload();
    }

    [Fact]
    public void Runs_of_an_iterator_do_not_meet()
    {
        var program = new BpfIteratorProgram(Descriptor(BpfProgramType.Tracing) with { Target = "task" });
        int runs = 0;
        _kernel.OnBpf = (command, _) =>
        {
            if (command == BpfCommand.IteratorCreate)
            {
                Assert.Empty(program.Links);
                if (++runs == 1)
                {
                    program.Run();
                }
            }

            return null;
        };
        Assert.Equal(0, program.Run());
        Assert.Equal(2, runs);
        Assert.Single(_kernel.OpenDescriptors);
        program.Unload();
    }

    [Fact]
    public void Nothing_is_attached_to_a_program_that_is_being_unloaded()
    {
        BpfRawTracepointProgram? program = null;
        var late = new List<Exception?>();
        var logger = new EventLogger("Detached", () => late.Add(Record.Exception(() => program!.Attach())));
        program = new BpfRawTracepointProgram(Descriptor(BpfProgramType.RawTracepoint) with { Target = "sched_switch", Logger = logger });
        program.Attach();
        program.Unload();
        Assert.IsType<ObjectDisposedException>(Assert.Single(late));
        Assert.Empty(program.Links);
        Assert.Empty(_kernel.OpenDescriptors);
    }

    [Fact]
    public void A_closed_socket_does_not_stand_for_the_next_of_its_number()
    {
        var program = new BpfSocketFilterProgram(Descriptor(BpfProgramType.SocketFilter));
        BpfProgramLink old;
        nint number;
        using (var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp))
        {
            number = socket.Handle;
            old = program.Attach(socket);
            Assert.Throws<BpfException>(() => program.Attach(socket));
        }

        // Other tests open files meanwhile; the number comes back sooner or later.
        var others = new List<Socket>();
        Socket next = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        while (next.Handle != number && others.Count < 100)
        {
            others.Add(next);
            next = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        }

        Assert.True(program.Attach(next).IsAttached);
        Assert.False(old.IsAttached);
        program.Unload();
        next.Dispose();
        others.ForEach(static socket => socket.Dispose());
    }

    [Fact]
    public void A_tracepoint_of_old_names_the_call_that_failed()
    {
        _kernel.Files[IdFile] = "316\n"u8.ToArray();
        _kernel.Answer(BpfCommand.LinkCreate, -Errno.EINVAL);
        _kernel.Answer(SetProgram, -Errno.E2BIG);
        BpfTracepointProgram program = Tracepoint();
        Assert.Equal("ioctl(PERF_EVENT_IOC_SET_BPF)", Assert.Throws<BpfSyscallException>(() => program.Attach()).Operation);
        program.Unload();
        Assert.Empty(_kernel.OpenDescriptors);
    }

    [Fact]
    public unsafe void A_verifier_that_gives_up_without_a_sentence_is_given_one()
    {
        _kernel.OnBpf = (command, attributes) =>
        {
            if (command != BpfCommand.ProgramLoad)
            {
                return null;
            }

            var load = (ProgramLoadAttr*)attributes;
            if (load->LogLevel != 0)
            {
                "processed 0 insns (limit 1000000)\0"u8.CopyTo(new Span<byte>((void*)load->LogBuf, (int)load->LogSize));
            }

            return -Errno.ENOMEM;
        };
        var code = new ProgramCode("p", BpfProgramType.SocketFilter, [new(0x95, 0, 0, 0, 0)]);
        var error = Assert.Throws<BpfVerifierException>(() => BpfInstructionProgram.Load(_kernel, code));
        Assert.Equal("out of memory", error.Reason);
        Assert.Contains("out of memory", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0u, 0u)]
    [InlineData(5000u, 8192u)]
    [InlineData(0x8000_0000u, 0x8000_0000u)]
    [InlineData(0x8000_0001u, 0x8000_0001u)]
    public unsafe void A_ring_is_asked_for_in_a_size_the_kernel_has(uint wanted, uint asked)
    {
        uint entries = 0;
        _kernel.OnBpf = (command, attributes) =>
        {
            entries = command == BpfCommand.MapCreate ? ((MapCreateAttr*)attributes)->MaxEntries : entries;
            return null;
        };
        MapCreator.Create(_kernel, new BpfMapDefinition("ring", BpfMapType.RingBuf, 0, 0, wanted)).Dispose();
        Assert.Equal(asked, entries);
    }

    [Theory]
    [InlineData(0, BpfProgramType.SocketFilter, "there are no instructions")]
    [InlineData(1, BpfProgramType.SocketFilter, "1 bytes are not a whole number of instructions of 8 bytes")]
    [InlineData(12, BpfProgramType.SocketFilter, "12 bytes are not a whole number of instructions of 8 bytes")]
    [InlineData(8 * 1_000_001, BpfProgramType.SocketFilter, "1000001 instructions, and the kernel accepts at most 1000000")]
    [InlineData(16, BpfProgramType.Tracing, "do not say which function it is for")]
    [InlineData(16, BpfProgramType.Unspec, "use another type")]
    public void Instructions_that_no_kernel_takes_are_refused_before_it_is_asked(int bytes, BpfProgramType type, string reason)
    {
        var error = Assert.Throws<ArgumentException>(() => BpfInstructionProgram.Load(_kernel, new byte[bytes], type, "filter", "GPL", 0));
        Assert.StartsWith("Program filter cannot be loaded", error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => BpfInstructionProgram.Load(_kernel, new byte[16], BpfProgramType.Xdp, "", "GPL", 0));
        Assert.Empty(_kernel.Calls);
    }

    [Theory]
    [InlineData(1, BpfProgramType.SocketFilter, 0)]
    [InlineData(1_000_000, BpfProgramType.Xdp, 0)]
    [InlineData(2, BpfProgramType.Syscall, 1 << 4)]
    public unsafe void The_kernel_gets_the_instructions_as_they_are(int instructions, BpfProgramType type, int flags)
    {
        ProgramLoadAttr seen = default;
        _kernel.OnBpf = (command, attributes) =>
        {
            seen = command == BpfCommand.ProgramLoad ? *(ProgramLoadAttr*)attributes : seen;
            return null;
        };

        BpfInstructionProgram.Load(_kernel, new byte[instructions * 8], type, "filter", "GPL", BpfAttachType.Xdp).Dispose();

        Assert.Equal(((uint)type, (uint)instructions, (uint)flags, (uint)BpfAttachType.Xdp), (seen.ProgType, seen.InsnCnt, seen.ProgFlags, seen.ExpectedAttachType));
        Assert.Empty(_kernel.OpenDescriptors);
    }

    [Fact]
    public void A_load_that_is_told_to_try_again_does()
    {
        var code = new ProgramCode("p", BpfProgramType.SocketFilter, [new(0xb7, 0, 0, 0, 0), new(0x95, 0, 0, 0, 0)]);
        BpfFeatures.Of(_kernel).Check(BpfFeature.ObjectNames);
        _kernel.Calls.Clear();
        _kernel.Answer(BpfCommand.ProgramLoad, -Errno.EAGAIN, -Errno.EAGAIN);
        using (BpfInstructionProgram program = BpfInstructionProgram.Load(_kernel, code))
        {
            Assert.True(program.IsLoaded);
        }

        Assert.Equal(3, _kernel.Calls.Count(call => call == "BPF_PROG_LOAD"));
        Assert.Empty(_kernel.OpenDescriptors);
    }

    // Kernels with kprobes and without CONFIG_FPROBE answer EOPNOTSUPP, older ones EINVAL.
    [Theory]
    [InlineData(Errno.EINVAL)]
    [InlineData(Errno.EOPNOTSUPP)]
    public void A_kernel_without_links_to_many_functions_is_said_to_be_without(int errno)
    {
        _kernel.OnBpf = (command, _) => command == BpfCommand.LinkCreate ? -errno : null;
        var program = new BpfKProbeMultiProgram(Descriptor(BpfProgramType.KProbe) with { AttachType = BpfAttachType.TraceKProbeMulti });

        var byName = Assert.Throws<BpfFeatureNotSupportedException>(() => program.Attach(["do_unlinkat"]));
        var byAddress = Assert.Throws<BpfFeatureNotSupportedException>(() => program.Attach([0xffffffff81000000ul]));

        Assert.Equal(("Linux 5.18 with CONFIG_FPROBE", "Linux 5.18 with CONFIG_FPROBE"), (byName.Needs, byAddress.Needs));
        program.Unload();
        Assert.Empty(_kernel.OpenDescriptors);
    }

    [Fact]
    public void A_network_device_attach_says_what_failed()
    {
        var program = new BpfXdpProgram(Descriptor(BpfProgramType.Xdp));
        NetworkDevice device = NetworkDevice.FromName(_kernel, "eth7");
        _kernel.Answer(BpfCommand.LinkCreate, -Errno.EBUSY);
        var error = Assert.Throws<BpfSyscallException>(() => program.Attach(device));
        Assert.Contains("eth7", error.Message, StringComparison.Ordinal);
        Assert.Equal(Errno.EBUSY, error.Errno);
        program.Unload();
        Assert.Empty(_kernel.OpenDescriptors);
    }

    [Fact]
    public void Statistics_need_the_old_capability()
    {
        _kernel.Files["/proc/thread-self/status"] = "CapEff:\t000000c000000000\n"u8.ToArray();
        _kernel.Answer(BpfCommand.EnableStats, -Errno.EPERM);
        var refusal = Assert.Throws<BpfPermissionException>(() => BpfStatistics.Enable(_kernel));
        Assert.Equal("CAP_SYS_ADMIN", refusal.MissingCapability);
        Assert.Equal("The process lacks CAP_SYS_ADMIN: run it as root, or give it that.", refusal.Advice);
    }

    private BpfTracepointProgram Tracepoint() => new(Descriptor(BpfProgramType.Tracepoint) with { Target = "sched/sched_switch" });

    private BpfProgramDescriptor Descriptor(BpfProgramType type) => new(_kernel, "p", type) { Handle = _kernel.NewHandle(), SectionName = "s" };
}
