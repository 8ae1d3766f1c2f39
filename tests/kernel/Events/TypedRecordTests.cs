namespace Hypermesh.Bpf.Tests.Kernel.Events;

/// <summary>Records as their types: of several kinds in a ring, and in perf buffers.</summary>
public sealed class TypedRecordTests : KernelTest
{
    private const int Opens = 64;
    private const int Closes = 100;

    [Fact]
    public void Records_of_several_kinds_are_read_as_their_types()
    {
        using Kinds live = Kinds.Open().Load();
        Send(live, Opens);
        Send(live, Closes);
        List<string> seen = [];

        int taken = live.Maps.Events.Consume((ref readonly Kinds.Event record) =>
        {
            Assert.Equal(record.Kind == Kinds.Kind.KindOpened, record.TryGet(out Kinds.Opened opened));
            Assert.Equal(record.Kind == Kinds.Kind.KindClosed, record.TryGet(out Kinds.Closed closed));
            seen.Add($"{record.Kind} {opened.Flags} {opened.Path} {closed.Bytes}");
        });

        Assert.Equal(2, taken);
        Assert.Equal(["KindOpened 64 /etc/hosts 0", "KindClosed 0  100"], seen);
        Assert.Equal(0ul, live.Maps.Events.Dropped);
    }

    [Fact]
    public async Task Records_of_several_kinds_are_read_as_copies()
    {
        using Kinds live = Kinds.Open().Load();
        Send(live, Closes);
        Send(live, Opens);
        List<Kinds.Kind> seen = [];

        await foreach (Kinds.Event record in live.Maps.Events.ReadAllAsync(TestContext.Current.CancellationToken))
        {
            seen.Add(record.Kind);
            if (seen.Count == 2)
            {
                break;
            }
        }

        Assert.Equal([Kinds.Kind.KindClosed, Kinds.Kind.KindOpened], seen);
    }

    [Fact]
    public void Reading_records_of_several_kinds_allocates_nothing()
    {
        using Kinds live = Kinds.Open().Load();
        ulong sum = 0;
        BpfRecordHandler<Kinds.Event> handler = (ref readonly Kinds.Event record) => sum += record.TryGet(out Kinds.Closed closed) ? closed.Bytes : 0;
        Send(live, Closes);
        live.Maps.Events.Consume(handler);
        Send(live, Closes);
        long before = GC.GetAllocatedBytesForCurrentThread();

        live.Maps.Events.Consume(handler);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(2ul * Closes, sum);
    }

    [Fact]
    [Row("runtime", "perf buffer")]
    public void A_perf_buffer_reads_records_as_their_type()
    {
        using Kinds live = Kinds.Open().Load();
        using BpfPerfBuffer<Kinds.Closed> closes = live.Maps.Closes.OpenBuffer();
        using BpfPerfBuffer<Kinds.Event> mixed = live.Maps.Mixed.OpenBuffer();
        Send(live, Closes);
        Send(live, Opens);
        List<ulong> seen = [];

        Assert.Equal(2, closes.Consume((int _, ref readonly Kinds.Closed record) => seen.Add(record.Bytes)));
        Assert.Equal(2, mixed.Consume((int _, ref readonly Kinds.Event record) => seen.Add(record.TryGet(out Kinds.Closed closed) ? closed.Bytes : 0)));

        // Records of one CPU come in order; the two sends need not have been on one.
        Assert.Equal([Opens, Opens, Closes, Closes], seen.Order().Select(bytes => (int)bytes));
    }

    private static void Send(Kinds live, int length) => Assert.Equal(2u, live.Programs.Send.TestRun(new byte[length]).ReturnValue);
}
