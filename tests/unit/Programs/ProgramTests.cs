using System.Net.Sockets;
using Hypermesh.Bpf.Abi;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Loading;
using Hypermesh.Bpf.Loading.Programs;
using Hypermesh.Bpf.Maps;
using Hypermesh.Bpf.Programs;
using Microsoft.Extensions.Logging;

namespace Hypermesh.Bpf.Tests.Unit.Programs;

public sealed unsafe class ProgramTests
{
    private readonly ScriptedKernel _kernel = new();

    [Fact]
    public void An_interrupted_run_is_run_again()
    {
        _kernel.Answer(BpfCommand.ProgramTestRun, -Errno.EINTR, -Errno.EINTR);
        var program = new BpfSyscallProgram(_kernel.NewProgram(BpfProgramType.Syscall));
        int context = 0;
        Assert.Equal(0, program.Run(ref context));
        Assert.Equal(3, _kernel.Calls.Count(call => call == "BPF_PROG_TEST_RUN"));
        program.Unload();
        Assert.Throws<ObjectDisposedException>(() => program.Run(ref context));
    }

    [Fact]
    public void Nothing_can_be_attached_to_a_program_that_is_being_unloaded()
    {
        BpfRawTracepointProgram? program = null;
        var late = new List<Exception?>();
        var logger = new EventLogger("Detached", () => late.Add(Record.Exception(() => program!.Attach())));
        program = new BpfRawTracepointProgram(_kernel.NewProgram(BpfProgramType.RawTracepoint) with { Target = "sched_switch", Logger = logger });
        program.Attach();
        program.Unload();
        Assert.IsType<ObjectDisposedException>(Assert.Single(late));
        Assert.Empty(program.Links);
        Assert.Empty(_kernel.OpenDescriptors);
    }

    [Fact]
    public void Statistics_need_CAP_SYS_ADMIN()
    {
        _kernel.Files["/proc/thread-self/status"] = "CapEff:\t000000c000000000\n"u8.ToArray();
        _kernel.Answer(BpfCommand.EnableStats, -Errno.EPERM);
        var refusal = Assert.Throws<BpfPermissionException>(() => BpfStatistics.Enable(_kernel));
        Assert.Equal("CAP_SYS_ADMIN", refusal.MissingCapability);
        Assert.Equal("The process lacks CAP_SYS_ADMIN: run it as root, or give it CAP_SYS_ADMIN.", refusal.Advice);
    }

    [Fact]
    public void A_link_is_updated_from_its_program_and_keeps_it_when_the_update_is_refused()
    {
        LinkUpdateAttr asked = default;
        _kernel.OnBpf = (command, attributes) =>
        {
            asked = command == BpfCommand.LinkUpdate ? *(LinkUpdateAttr*)attributes : asked;
            return null;
        };
        var program = new BpfXdpProgram(_kernel.NewProgram(BpfProgramType.Xdp, BpfAttachType.Xdp));
        var next = new BpfXdpProgram(_kernel.NewProgram(BpfProgramType.Xdp, BpfAttachType.Xdp));
        BpfProgramLink link = program.Attach(NetworkDevice.FromName(_kernel, "eth7"));
        _kernel.Answer(BpfCommand.LinkUpdate, -Errno.EPERM);
        Assert.Throws<BpfPermissionException>(() => link.Update(next));
        Assert.Same(program, link.Program);
        link.Update(next);
        Assert.Equal((4u, 100u, 101u), (asked.Flags, asked.OldProgFd, asked.NewProgFd));
        program.Unload();
        Assert.True(link.IsAttached);
        next.Unload();
        Assert.False(link.IsAttached);
        Assert.Empty(_kernel.OpenDescriptors);
    }
}
