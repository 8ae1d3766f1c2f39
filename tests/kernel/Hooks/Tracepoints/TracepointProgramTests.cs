using Hypermesh.Bpf.Programs;
namespace Hypermesh.Bpf.Tests.Kernel.Hooks.Tracepoints;

/// <summary>Tracepoint programs from instructions.</summary>
public sealed class TracepointProgramTests : SwitchTest
{
    [Fact]
    public void A_raw_tracepoint_counts_while_it_is_attached()
        => CountsWhileAttached(
            new BpfRawTracepointProgram(Load.Descriptor("raw", BpfProgramType.RawTracepoint, Code.CountInto(Map), target: "sched_switch")),
            program => program.Attach());

    [Fact]
    public void A_classic_tracepoint_counts_while_it_is_attached()
        => Sandbox.WithTracing(() => CountsWhileAttached(
            new BpfTracepointProgram(Load.Descriptor("classic", BpfProgramType.Tracepoint, Code.CountInto(Map), target: "sched/sched_switch")),
            program => program.Attach()));

    [Fact]
    public void An_unknown_tracepoint_is_reported()
    {
        BpfProgramDescriptor raw = Load.Descriptor("raw", BpfProgramType.RawTracepoint, Code.CountInto(Map), target: "no_such_thing");
        var program = new BpfRawTracepointProgram(raw);
        Own(new Unload(program));
        var error = Assert.Throws<BpfFeatureNotSupportedException>(() => program.Attach());
        Assert.Contains("no_such_thing", error.Message, StringComparison.Ordinal);
        Assert.Equal("raw", error.SubjectName);
        Sandbox.WithTracing(() =>
        {
            var classic = new BpfTracepointProgram(Load.Descriptor("classic", BpfProgramType.Tracepoint, Code.CountInto(Map), target: "sched/no_such_thing"));
            Own(new Unload(classic));
            Assert.Contains("sched/no_such_thing", Assert.Throws<BpfFeatureNotSupportedException>(() => classic.Attach()).Message, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void A_tracing_file_system_that_is_not_mounted_is_reported() => Sandbox.WithoutTracing(() =>
    {
        var program = new BpfTracepointProgram(Load.Descriptor("classic", BpfProgramType.Tracepoint, Code.CountInto(Map), target: "sched/sched_switch"));
        Own(new Unload(program));
        Assert.Contains("mount -t tracefs", Assert.Throws<BpfFeatureNotSupportedException>(() => program.Attach()).Message, StringComparison.Ordinal);
    });
}
