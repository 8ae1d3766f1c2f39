using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf.Tests.Unit.Hooks.Tracepoints;

/// <summary>Classic tracepoints: each step may fail, and older kernels have other ways.</summary>
public sealed class TracepointProgramTests
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
    public void A_tracepoint_that_fails_leaves_nothing_open(string call, long result, Type expected)
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
    public void Before_5_15_a_tracepoint_is_attached_to_by_ioctl()
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
    public void Tracing_files_are_searched_in_both_places()
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
    public void Without_links_the_ioctl_that_failed_is_named()
    {
        _kernel.Files[IdFile] = "316\n"u8.ToArray();
        _kernel.Answer(BpfCommand.LinkCreate, -Errno.EINVAL);
        _kernel.Answer(SetProgram, -Errno.E2BIG);
        BpfTracepointProgram program = Tracepoint();
        Assert.Equal("ioctl(PERF_EVENT_IOC_SET_BPF)", Assert.Throws<BpfSyscallException>(() => program.Attach()).Operation);
        program.Unload();
        Assert.Empty(_kernel.OpenDescriptors);
    }

    private BpfTracepointProgram Tracepoint() => new(_kernel.NewProgram(BpfProgramType.Tracepoint) with { Target = "sched/sched_switch" });
}
