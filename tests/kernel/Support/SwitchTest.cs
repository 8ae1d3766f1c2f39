using System.Buffers;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf.Tests.Kernel.Hooks.Tracepoints;

public sealed class TracingProgramTests : KernelTest
{
    private readonly BpfArrayMap<ulong> _counter;
    private readonly BpfMapHandle _map;

    public TracingProgramTests()
    {
        _map = Create(BpfMapType.Array, 4, 8, 1);
        _counter = new BpfArrayMap<ulong>(_map);
    }

    [Fact]
    public void Btf_tracepoint_counts_while_it_is_attached()
        => CountsWhileAttached(new BpfTracingProgram(TypedDescriptor()), program => program.Attach());

    [Fact]
    public void Raw_tracepoint_counts_while_it_is_attached()
        => CountsWhileAttached(
            new BpfRawTracepointProgram(Load.Descriptor("raw", BpfProgramType.RawTracepoint, Code.CountInto(_map), target: "sched_switch")),
            program => program.Attach());

    [Fact]
    public void Classic_tracepoint_counts_while_it_is_attached()
        => PrivateNamespace.WithTracing(() => CountsWhileAttached(
            new BpfTracepointProgram(Load.Descriptor("classic", BpfProgramType.Tracepoint, Code.CountInto(_map), target: "sched/sched_switch")),
            program => program.Attach()));

    [Fact]
    public void An_unknown_tracepoint_is_told()
    {
        BpfProgramDescriptor raw = Load.Descriptor("raw", BpfProgramType.RawTracepoint, Code.CountInto(_map), target: "no_such_thing");
        var program = new BpfRawTracepointProgram(raw);
        Own(new Unload(program));
        var error = Assert.Throws<BpfFeatureNotSupportedException>(() => program.Attach());
        Assert.Contains("no_such_thing", error.Message, StringComparison.Ordinal);
        Assert.Equal("raw", error.SubjectName);
        PrivateNamespace.WithTracing(() =>
        {
            var classic = new BpfTracepointProgram(Load.Descriptor("classic", BpfProgramType.Tracepoint, Code.CountInto(_map), target: "sched/no_such_thing"));
            Own(new Unload(classic));
            Assert.Contains("sched/no_such_thing", Assert.Throws<BpfFeatureNotSupportedException>(() => classic.Attach()).Message, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void A_tracing_file_system_that_is_not_mounted_is_told() => PrivateNamespace.WithoutTracing(() =>
    {
        var program = new BpfTracepointProgram(Load.Descriptor("classic", BpfProgramType.Tracepoint, Code.CountInto(_map), target: "sched/sched_switch"));
        Own(new Unload(program));
        Assert.Contains("mount -t tracefs", Assert.Throws<BpfFeatureNotSupportedException>(() => program.Attach()).Message, StringComparison.Ordinal);
    });

    [Fact]
    public void Misuse_is_told()
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

    [Fact]
    public void Statistics_count_runs()
    {
        using (BpfStatistics.Enable())
        {
            var program = new BpfTracingProgram(TypedDescriptor());
            Own(new Unload(program));
            program.Attach();
            Switch();
            BpfProgramInfo info = program.GetInfo();
            Assert.True(info.RunCount > 0);
            Assert.True(info.RunTimeNs > 0);
            Assert.Equal(16, info.Tag.Length);
            Assert.True(info.LoadTime > TimeSpan.Zero);
        }
    }

    [Fact]
    public void An_iterator_walks_all_tasks()
    {
        using KernelBtf types = KernelBtf.Acquire();
        BpfProgramDescriptor descriptor = Load.Descriptor(
            "walk", BpfProgramType.Tracing, Code.CountInto(_map), BpfAttachType.TraceIter, "task", types.Types.Find("bpf_iter_task", BtfKind.Function));
        var program = new BpfIteratorProgram(descriptor);
        Own(new Unload(program));
        Assert.Equal(0, program.Run());
        Assert.Empty(program.Links);
        ulong once = _counter[0];
        Assert.True(once > 10, $"{once} tasks");
        program.Attach();
        Assert.Equal(0, program.Run(new ArrayBufferWriter<byte>()));
        Assert.True(_counter[0] > once);
        Assert.Single(program.Links);
    }

    private BpfProgramDescriptor TypedDescriptor()
    {
        using KernelBtf types = KernelBtf.Acquire();
        int target = types.Types.Find("btf_trace_sched_switch", BtfKind.Typedef);
        return Load.Descriptor("typed", BpfProgramType.Tracing, Code.CountInto(_map), BpfAttachType.TraceRawTracePoint, "sched_switch", target);
    }

    private void CountsWhileAttached<TProgram>(TProgram program, Func<TProgram, BpfProgramLink> attach)
        where TProgram : BpfProgram
    {
        Own(new Unload(program));
        Switch();
        Assert.Equal(0ul, _counter[0]);
        BpfProgramLink link = attach(program);
        Assert.True(link.IsAttached);
        Switch();
        ulong counted = _counter[0];
        Assert.True(counted >= 20, $"{counted} switches");
        link.Dispose();
        ulong atDetach = _counter[0];
        Switch();

        // A run that had begun when the link went may still end.
        Assert.InRange(_counter[0], atDetach, atDetach + 2);
    }

    private static void Switch()
    {
        for (int i = 0; i < 30; i++)
        {
            Thread.Sleep(1);
        }
    }
}
