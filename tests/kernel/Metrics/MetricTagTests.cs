using System.Diagnostics.Metrics;
using System.Globalization;
using Hypermesh.Bpf.Objects;

namespace Hypermesh.Bpf.Tests.Kernel.Metrics;

/// <summary>Variables and maps that the C tags are instruments, without any C# for them.</summary>
public sealed class MetricTagTests : KernelTest
{
    private const int Limit = 500;

    [Fact]
    public void Each_tag_has_exactly_what_the_programs_counted()
    {
        using var listening = new Listening();
        Metered metered = Own(Metered.Open().Load());
        metered.Maps.Single[0] = -9;

        Count(metered, Packet(kind: 1, verdict: 0, "ab", port: 80, 0xc0, 0x01), times: 3, length: 64);
        Count(metered, Packet(kind: 5, verdict: 1, "c", port: 99, 0xff, 0x02), times: 2, length: 100);
        Count(metered, Packet(kind: 2, verdict: 1, "\u0080\u0080", port: 0, 0, 0), times: 1, length: 20);

        Assert.Equal(
            [
                "balance -2",
                "by_kind 1 key=2", "by_kind 2 key=5", "by_kind 3 key=1",
                "by_slot 0 key=0", "by_slot 0 key=3", "by_slot 20 key=2", "by_slot 392 key=1",
                "by_verdict 3 key=VERDICT_DROP", "by_verdict 3 key=VERDICT_PASS",
                "flow.bytes 192 name=ab verdict=VERDICT_PASS port=80 address=c001",
                "flow.bytes 20 name=\ufffd\ufffd verdict=VERDICT_DROP port=0 address=0000",
                "flow.bytes 200 name=c verdict=VERDICT_DROP port=99 address=ff02",
                "flow.packets 1 name=\ufffd\ufffd verdict=VERDICT_DROP port=0 address=0000",
                "flow.packets 2 name=c verdict=VERDICT_DROP port=99 address=ff02",
                "flow.packets 3 name=ab verdict=VERDICT_PASS port=80 address=c001",
                "hidden 6", "limit 7", "requests 6", "single -9",
            ],
            listening.Read().Where(static one => !one.StartsWith("wide", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Equal(
            ["ObservableCounter`1 metered.requests {request} Packets that the program saw", "ObservableGauge`1 metered.limit {packet} "],
            listening.Instruments.Where(static one => one.Name is "metered.requests" or "metered.limit").Select(static one => $"{one.GetType().Name} {one.Name} {one.Unit} {one.Description}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void An_object_that_was_read_at_run_time_has_them_too()
    {
        using var listening = new Listening();
        BpfObjectSpec spec = BpfObjectSpec.Read(Metered.Open().Object.Elf.Image, "metered");
        using (BpfObject live = BpfObject.Load(spec))
        {
            live.GetProgram<BpfXdpProgram>("on_packet").TestRun(Packet(kind: 1, verdict: 0, "a", port: 1, 0, 0));

            Assert.Contains("requests 1", listening.Read());
            Assert.Contains("hidden 1", listening.Read());
        }

        Assert.Empty(listening.Read());
    }

    [Fact]
    public void A_large_map_is_cut_and_what_is_cut_is_counted()
    {
        using var listening = new Listening();
        using var cuts = new Cuts();
        Metered metered = Own(Metered.Open().Load());
        uint[] keys = [.. Enumerable.Range(0, 1200).Select(static key => (uint)key)];
        metered.Maps.ByKind.Update(keys, [.. keys.Select(static key => (ulong)key + 1)]);

        string[] measured = listening.Read();

        (long Value, uint Key)[] kinds = [.. measured.Where(static one => one.StartsWith("by_kind", StringComparison.Ordinal)).Select(static one => one.Split(' ', '='))
            .Select(static parts => (long.Parse(parts[1], CultureInfo.InvariantCulture), uint.Parse(parts[3], CultureInfo.InvariantCulture)))];
        Assert.Equal(Limit, kinds.Length);
        Assert.Equal(Limit, kinds.Select(static one => one.Key).Distinct().Count());
        Assert.All(kinds, static one => Assert.Equal(one.Key + 1, one.Value));
        Assert.Equal(Enumerable.Range(0, Limit).Select(static index => $"wide 0 key={index}"), measured.Where(static one => one.StartsWith("wide", StringComparison.Ordinal)));
        Assert.Equal([("metered.by_kind", 1200 - Limit), ("metered.wide", 700 - Limit)], cuts.Found.OrderBy(static one => one.Metric, StringComparer.Ordinal));
    }

    [Fact]
    public async Task Entries_may_vanish_while_they_are_read()
    {
        using var listening = new Listening();
        Metered metered = Own(Metered.Open().Load());
        uint[] keys = [.. Enumerable.Range(0, 400).Select(static key => (uint)key)];
        ulong[] values = [.. keys.Select(static key => (ulong)key + 1)];
        using var stop = new CancellationTokenSource();
        Task changes = Task.Run(
            () =>
            {
                while (!stop.IsCancellationRequested)
                {
                    metered.Maps.ByKind.Update(keys, values);
                    metered.Maps.ByKind.Remove(keys);
                }
            },
            CancellationToken.None);

        int some = 0;
        for (int round = 0; round < 300; round++)
        {
            string[] measured = [.. listening.Read().Where(static one => one.StartsWith("by_kind", StringComparison.Ordinal))];
            some += measured.Length > 0 ? 1 : 0;
            Assert.All(measured, static one => Assert.Equal(long.Parse(one.Split(' ')[1], CultureInfo.InvariantCulture), long.Parse(one.Split('=')[1], CultureInfo.InvariantCulture) + 1));
        }

        await stop.CancelAsync();
        await changes;
        Assert.NotEqual(0, some);
    }

    [Fact]
    public async Task An_object_may_be_disposed_while_it_is_read()
    {
        for (int round = 0; round < 20; round++)
        {
            using var listening = new Listening();
            Metered metered = Metered.Open().Load();
            metered.Attach();
            uint[] keys = [.. Enumerable.Range(0, 1000).Select(static key => (uint)key)];
            metered.Maps.ByKind.Update(keys, new ulong[keys.Length]);
            using var begun = new SemaphoreSlim(0);
            Task<int> reads = Task.Run(
                () =>
                {
                    int count = 0;
                    do
                    {
                        count++;
                        if (count == 2)
                        {
                            begun.Release();
                        }
                    }
                    while (listening.Read().Length > 0);
                    return count;
                },
                CancellationToken.None);
            await begun.WaitAsync(TestContext.Current.CancellationToken);

            metered.Dispose();

            Assert.True(await reads >= 2);
            Assert.Equal(listening.Instruments.Count, listening.Ended);
            Assert.Empty(listening.Read());
        }
    }

    // Thread by thread, so that the values of a per-CPU map come from several CPUs.
    private static void Count(Metered metered, byte[] packet, int times, int length)
    {
        Array.Resize(ref packet, length);
        for (int i = 0; i < times; i++)
        {
            var thread = new Thread(() => metered.Programs.OnPacket.TestRun(packet));
            thread.Start();
            thread.Join();
        }
    }

    private static byte[] Packet(byte kind, byte verdict, string name, ushort port, byte first, byte second)
    {
        byte[] packet = new byte[64];
        packet[0] = kind;
        packet[1] = verdict;
        packet[2] = (byte)name[0];
        packet[3] = name.Length > 1 ? (byte)name[1] : (byte)0;
        packet[4] = (byte)port;
        packet[5] = first;
        packet[6] = second;
        return packet;
    }

    /// <summary>A listener of the instruments of the object; names are without their first part.</summary>
    private sealed class Listening : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly List<string> _measured = [];

        internal Listening()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == "Hypermesh.Bpf.Objects")
                {
                    Instruments.Add(instrument);
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.MeasurementsCompleted = (_, _) => Ended++;
            _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => _measured.Add(string.Join(
                ' ', [instrument.Name["metered.".Length..], value.ToString(CultureInfo.InvariantCulture), .. tags.ToArray().Select(static tag => FormattableString.Invariant($"{tag.Key}={tag.Value}"))])));
            _listener.Start();
        }

        internal List<Instrument> Instruments { get; } = [];

        internal int Ended { get; private set; }

        public void Dispose() => _listener.Dispose();

        internal string[] Read()
        {
            _measured.Clear();
            _listener.RecordObservableInstruments();
            return [.. _measured];
        }
    }

    /// <summary>What the SDK's own counter says was cut of this object.</summary>
    private sealed class Cuts : IDisposable
    {
        private readonly MeterListener _listener = new();

        internal Cuts()
        {
            _listener.InstrumentPublished = static (instrument, listener) =>
            {
                if (instrument is { Meter.Name: "Hypermesh.Bpf", Name: "bpf.metrics.cut" })
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
            {
                var named = new Dictionary<string, object?>(tags.ToArray());
                Assert.Equal("metered", named["bpf.object"]);
                Found.Add(((string)named["bpf.metric"]!, value));
            });
            _listener.Start();
        }

        internal List<(string Metric, long Value)> Found { get; } = [];

        public void Dispose() => _listener.Dispose();
    }
}
