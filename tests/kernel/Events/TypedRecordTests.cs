namespace Hypermesh.Bpf.Tests.Kernel.Maps;

/// <summary>What the bindings are typed by, against a kernel: records of several kinds, typed perf buffers, maps in maps, arrays sized before the load.</summary>
public sealed class TypedMapTests : KernelTest
{
    private const int Opens = 64;
    private const int Closes = 100;

    [Fact]
    public void A_ring_of_several_kinds_gives_each_as_its_type()
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
    public async Task Kinds_come_as_copies_too()
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
    public void Reading_kinds_allocates_nothing()
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
    public void A_perf_buffer_gives_its_records_as_their_type()
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

    [Fact]
    [Row("maps", "ARRAY_OF_MAPS")]
    public void An_inner_map_is_made_and_read_as_its_types()
    {
        using Kinds live = Kinds.Open().Load();
        BpfHashMap<uint, Kinds.Closed> inner = live.Maps.Outer.CreateInner();
        using BpfMapHandle owned = inner.Handle;
        inner[Closes] = new Kinds.Closed { Bytes = 41 };
        live.Maps.Outer.Set(1, inner);

        Send(live, Closes);

        Assert.Equal(42ul, inner[Closes].Bytes);
    }

    [Fact]
    [Row("maps", "resize a data section (set_value_size on .bss.x, last array variable)")]
    public void An_array_has_the_length_given_before_the_load()
    {
        Kinds.Spec spec = Kinds.Open();
        Assert.Equal(1, spec.Globals.PerLength.Length);
        spec.Globals.PerLength.Resize(1000);
        spec.Globals.PerLength[999] = 5;
        spec.Globals.Limits.Resize(3);
        spec.Globals.Limits[2] = 9;
        Assert.Equal(7u, spec.Globals.Limits[0]);
        Assert.Throws<ArgumentOutOfRangeException>(() => spec.Globals.Limits[3]);
        Assert.Throws<ArgumentOutOfRangeException>(() => spec.Globals.Limits.Resize(0));
        using Kinds live = spec.Load();

        Send(live, Closes);

        Assert.Equal((1000, 3), (live.Globals.PerLength.Length, live.Globals.Limits.Length));
        Assert.Equal((100ul, 5ul, 9u), (live.Globals.PerLength[0], live.Globals.PerLength[999], live.Globals.Limits[2]));
        live.Globals.PerLength[998] = 4;
        ulong[] all = new ulong[1000];
        live.Globals.PerLength.CopyTo(all);
        Assert.Equal([100, 0, 4, 5], new[] { all[0], all[1], all[998], all[999] });
        Assert.Throws<ArgumentOutOfRangeException>(() => live.Globals.PerLength[1000]);
        Assert.Throws<ArgumentException>(() => live.Globals.PerLength.CopyTo(new ulong[1001]));
    }

    [Fact]
    public void Booleans_and_network_order_are_as_the_program_left_them()
    {
        using Kinds live = Kinds.Open().Load();

        Send(live, 65);

        Kinds.BooleanArray4 seen = live.Globals.Seen;
        Assert.Equal([false, true, false, false], Enumerable.Range(0, 4).Select(i => seen[i]));
        Assert.Equal((0x5000, 0x0050), (live.Globals.Port, live.Globals.PortHostOrder));
        live.Globals.PortHostOrder = 443;
        Assert.Equal(0xbb01, live.Globals.Port);
    }

    [Fact]
    [Row("maps", "special field: bpf_spin_lock")]
    public void A_lock_of_the_programs_own_is_nothing_to_map()
    {
        Kinds.Spec spec = Kinds.Open();
        spec.Programs.LockAndCount.Enabled = true;
        Kinds live;
        try
        {
            live = spec.Load();
        }
        catch (BpfVerifierException refused) when (refused.Log.Contains("bpf_spin_lock", StringComparison.Ordinal))
        {
            TestContext.Current.TestOutputHelper?.WriteLine(refused.Reason);
            Assert.Skip("this kernel has no locks among globals");
            return;
        }

        using (live)
        {
            live.Programs.LockAndCount.TestRun(new byte[Closes]);

            Assert.Equal(1ul, live.Globals.Locked);
            Assert.Throws<BpfException>(() => live.Live.GetSection(".data.private"));
        }
    }

    private static void Send(Kinds live, int length) => Assert.Equal(2u, live.Programs.Send.TestRun(new byte[length]).ReturnValue);
}
