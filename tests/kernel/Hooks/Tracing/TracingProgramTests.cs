using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf.Tests.Kernel.Hooks.Tracing;

/// <summary>Typed tracepoint programs from instructions.</summary>
public sealed class TracingProgramTests : SwitchTest
{
    [Fact]
    public void A_typed_tracepoint_counts_while_it_is_attached()
        => CountsWhileAttached(new BpfTracingProgram(TypedDescriptor()), program => program.Attach());

    [Fact]
    public void Misuse_is_reported()
    {
        var program = new BpfTracingProgram(TypedDescriptor());
        BpfProgramLink link = program.Attach();
        Assert.Contains("already", Assert.Throws<BpfException>(() => program.Attach()).Message, StringComparison.Ordinal);
        Assert.NotNull(link.Id);
        link.Dispose();
        link.Dispose();
        Assert.Throws<ObjectDisposedException>(() => link.Id);
        program.Attach();
        program.Unload();
        Assert.False(program.IsLoaded);
        Assert.Empty(program.Links);
        Assert.Throws<ObjectDisposedException>(() => program.Attach());
        Assert.Throws<ObjectDisposedException>(() => program.GetInfo());
        var never = new BpfTracingProgram(new BpfProgramDescriptor(Kernel, "never", BpfProgramType.Tracing) { Target = "sched_switch" });
        Assert.Contains("not loaded", Assert.Throws<BpfException>(() => never.Attach()).Message, StringComparison.Ordinal);
        Assert.Throws<BpfException>(() => never.Id);
    }
}
