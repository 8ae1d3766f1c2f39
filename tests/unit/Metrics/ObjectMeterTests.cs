using System.Buffers.Binary;
using System.Diagnostics.Metrics;
using Hypermesh.Bpf.Abi;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Objects;
using Microsoft.Extensions.Logging;

namespace Hypermesh.Bpf.Tests.Unit.Metrics;

/// <summary>Instruments of an object's tags, with a scripted kernel.</summary>
public sealed unsafe class ObjectMeterTests : IDisposable
{
    private readonly ScriptedKernel _kernel = new();
    private readonly Warnings _logged = new();

    public ObjectMeterTests() => _kernel.OnBpf = static (command, attributes) => IsEmpty(command, attributes);

    [Fact]
    public void An_object_has_its_meter_until_it_is_disposed()
    {
        using var listening = new Listening("metrics");
        BpfObject live = Load(Spec());

        Assert.Equal(
            [
                "Counter unit.by_index ", "Counter unit.drops {packet}", "Counter unit.errors ", "Counter unit.hidden ", "Counter unit.packets {packet}", "Counter unit.total By",
                "Gauge unit.level ", "Gauge unit.limit ", "Gauge unit.queue ", "Gauge unit.single ",
            ],
            listening.Instruments.Select(static one => $"{one.GetType().Name.Replace("Observable", "", StringComparison.Ordinal).Split('`')[0]} {one.Name} {one.Unit}").Order(StringComparer.Ordinal));
        Assert.Equal("All\tbytes", listening.Instruments.Single(static one => one.Name == "unit.total").Description);
        Assert.Equal([new KeyValuePair<string, object?>("bpf.object", "metrics")], listening.Instruments[0].Meter.Tags);

        live.Dispose();

        Assert.Equal(10, listening.Ended);
        Assert.Empty(listening.Read());
    }

    [Fact]
    public void An_object_without_tags_has_no_meter()
    {
        using var listening = new Listening("small");
        BpfObjectSpec spec = BpfObjectSpec.Read(TestData.Bytes("small.bpf.o"), "small");
        using BpfObject live = BpfObject.Load(spec, new BpfLoadOptions { Kernel = _kernel, KernelTypes = TestData.Btf(spec.Elf) });

        Assert.Empty(listening.Instruments);
    }

    [Fact]
    public void A_tag_that_cannot_be_used_is_left_out_and_logged()
    {
        using var listening = new Listening("metrics");
        using BpfObject live = Load(Spec());

        Assert.DoesNotContain(listening.Instruments, static one => one.Name == "unit.wrong");
        Assert.Equal(
            "HM_COUNTER(\"unit.wrong\") of variable 'wrong' in object metrics is not exported: it is an array. Count in a map of type BPF_MAP_TYPE_ARRAY, which has a measurement for each index",
            Assert.Single(_logged.Lines, static line => line.Contains("not exported", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_map_that_the_spec_leaves_out_has_no_instrument()
    {
        using var listening = new Listening("metrics");
        BpfObjectSpec spec = Spec();
        spec.Map("by_flow").Enabled = false;
        using BpfObject live = Load(spec);

        Assert.Equal(7, listening.Instruments.Count);
        Assert.DoesNotContain(listening.Instruments, static one => one.Name is "unit.packets" or "unit.queue" or "unit.drops");
    }

    [Fact]
    public void Nothing_is_read_while_nobody_asks()
    {
        using BpfObject live = Load(Spec());
        int before = _kernel.Calls.Count;
        using var listening = new Listening("metrics");

        Assert.Equal(before, _kernel.Calls.Count);
        listening.Read();
        Assert.NotEqual(before, _kernel.Calls.Count);
    }

    [Fact]
    public void Keys_become_attributes_whatever_their_bytes()
    {
        byte[] first = Flow([0x61, 0xc3, 0xa4, 0, 0x78, 0, 0, 0], -1, local: true, zone: -2, cookie: 5);
        byte[] second = Flow([0xff, 0xfe, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66], 9, local: false, zone: 3, cookie: ulong.MaxValue);
        byte[] value = new byte[16];
        BinaryPrimitives.WriteUInt64LittleEndian(value, ulong.MaxValue);
        BinaryPrimitives.WriteInt32LittleEndian(value.AsSpan(8), -4);
        BinaryPrimitives.WriteUInt16LittleEndian(value.AsSpan(12), 65535);
        Answer((32, [first, second], value));
        using BpfObject live = Load(Spec());
        using var listening = new Listening("metrics");

        string[] measured = [.. listening.Read().Where(static one => one.StartsWith("unit.packets", StringComparison.Ordinal) || one.StartsWith("unit.queue", StringComparison.Ordinal)
            || one.StartsWith("unit.drops", StringComparison.Ordinal))];

        const string First = "comm=aä, verdict=VERDICT_DROP, to.address=3232235521, to.port=443, to.mac=ab01, local=True, zone=-2, cookie=5";
        const string Second = "comm=\ufffd\ufffdabcdef, verdict=9, to.address=3232235521, to.port=443, to.mac=ab01, local=False, zone=3, cookie=18446744073709551615";
        Assert.Equal(
            [
                $"unit.drops 65535 {First}", $"unit.drops 65535 {Second}",
                $"unit.packets {long.MaxValue} {First}", $"unit.packets {long.MaxValue} {Second}",
                $"unit.queue -4 {First}", $"unit.queue -4 {Second}",
            ],
            measured.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Values_of_all_CPUs_are_added_up()
    {
        // Four CPUs, 8 bytes from each to the next.
        byte[] values = [1, 0, 0, 0, 9, 9, 9, 9, 2, 0, 0, 0, 9, 9, 9, 9, 3, 0, 0, 0, 9, 9, 9, 9, 255, 255, 255, 255, 9, 9, 9, 9];
        Answer((4, [[0, 0, 0, 0], [1, 0, 0, 0], [2, 0, 0, 0]], values));
        using BpfObject live = Load(Spec());
        using var listening = new Listening("metrics");

        Assert.Equal(
            ["unit.by_index 4294967301 key=0", "unit.by_index 4294967301 key=1", "unit.by_index 4294967301 key=2"],
            listening.Read().Where(static one => one.StartsWith("unit.by_index", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_read_that_the_kernel_refuses_is_logged_once_until_it_works_again()
    {
        bool refuses = true;
        _kernel.OnBpf = (command, attributes) => command is BpfCommand.MapLookupBatch or BpfCommand.MapLookupElement && refuses ? -Errno.EPERM : IsEmpty(command, attributes);
        using BpfObject live = Load(Spec());
        using var listening = new Listening("metrics");

        Assert.DoesNotContain(listening.Read(), static one => one.StartsWith("unit.by_index", StringComparison.Ordinal));
        listening.Read();
        Assert.Single(_logged.Lines, static line => line.StartsWith("Metric unit.by_index of object metrics could not be read", StringComparison.Ordinal));
        refuses = false;
        listening.Read();
        refuses = true;
        listening.Read();
        Assert.Equal(2, _logged.Lines.Count(static line => line.StartsWith("Metric unit.by_index of object metrics could not be read", StringComparison.Ordinal)));
    }

    [Fact]
    public void An_object_that_is_disposed_while_it_is_read_has_no_measurements()
    {
        BpfObject? live = null;
        int answers = 0;
        _kernel.OnBpf = (command, attributes) =>
        {
            if (command != BpfCommand.MapLookupBatch)
            {
                return null;
            }

            // The first part of a map; its rest is asked of a closed descriptor.
            answers++;
            live!.Dispose();
            ((MapBatchAttr*)attributes)->Count = 1;
            return 0;
        };
        live = Load(Spec());
        using var listening = new Listening("metrics");

        string[] measured = listening.Read();

        Assert.Equal(1, answers);
        Assert.DoesNotContain(measured, static one => one.StartsWith("unit.by_index", StringComparison.Ordinal));
        Assert.Empty(_kernel.OpenDescriptors);
    }

    public void Dispose()
    {
        Assert.Empty(_kernel.OpenDescriptors);
        Assert.Equal(0, _kernel.Mapped);
    }

    private static BpfObjectSpec Spec() => BpfObjectSpec.Read(TestData.Bytes("metrics.bpf.o"), "metrics");

    private static byte[] Flow(ReadOnlySpan<byte> comm, int verdict, bool local, short zone, ulong cookie)
    {
        byte[] key = new byte[32];
        comm.CopyTo(key);
        BinaryPrimitives.WriteInt32LittleEndian(key.AsSpan(8), verdict);
        ((ReadOnlySpan<byte>)[192, 168, 0, 1, 443 >> 8, 443 & 0xff, 0xab, 0x01]).CopyTo(key.AsSpan(12));
        key[20] = local ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteInt16LittleEndian(key.AsSpan(22), zone);
        BinaryPrimitives.WriteUInt64LittleEndian(key.AsSpan(24), cookie);
        return key;
    }

    // What a kernel answers about a map without entries.
    private static long? IsEmpty(BpfCommand command, nint attributes)
    {
        if (command != BpfCommand.MapLookupBatch)
        {
            return null;
        }

        ((MapBatchAttr*)attributes)->Count = 0;
        return -Errno.ENOENT;
    }

    private BpfObject Load(BpfObjectSpec spec) => BpfObject.Load(spec, new BpfLoadOptions { Kernel = _kernel, KernelTypes = TestData.Btf(spec.Elf), LoggerFactory = _logged });

    // Answers batches of maps with these keys; each entry has the same value. All other maps are empty.
    private void Answer((int KeySize, byte[][] Keys, byte[] Value) map)
    {
        var shapes = new Dictionary<uint, int>();
        _kernel.OnBpf = (command, attributes) =>
        {
            if (command == BpfCommand.MapCreate)
            {
                int descriptor = _kernel.NewDescriptor();
                shapes[(uint)descriptor] = (int)(((MapCreateAttr*)attributes)->KeySize << 16 | ((MapCreateAttr*)attributes)->MaxEntries);
                return descriptor;
            }

            if (command != BpfCommand.MapLookupBatch)
            {
                return null;
            }

            var batch = (MapBatchAttr*)attributes;
            bool isAsked = shapes[batch->MapFd] >> 16 == map.KeySize && (shapes[batch->MapFd] & 0xffff) >= map.Keys.Length;
            batch->Count = isAsked ? (uint)map.Keys.Length : 0;
            for (int i = 0; i < batch->Count; i++)
            {
                map.Keys[i].CopyTo(new Span<byte>((byte*)batch->Keys + (i * map.KeySize), map.KeySize));
                map.Value.CopyTo(new Span<byte>((byte*)batch->Values + (i * map.Value.Length), map.Value.Length));
            }

            return -Errno.ENOENT;
        };
    }

    /// <summary>A listener of the instruments of one object.</summary>
    private sealed class Warnings : ILoggerFactory, ILogger
    {
        internal List<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public void Dispose()
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull
            => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel == LogLevel.Warning)
            {
                Lines.Add(formatter(state, exception));
            }
        }
    }

    private sealed class Listening : IDisposable
    {
        private readonly MeterListener _listener = new();
        private readonly List<string> _measured = [];

        internal Listening(string objectName)
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == "Hypermesh.Bpf.Objects" && instrument.Meter.Tags!.Contains(new("bpf.object", objectName)))
                {
                    Instruments.Add(instrument);
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.MeasurementsCompleted = (_, _) => Ended++;
            _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
                _measured.Add(FormattableString.Invariant($"{instrument.Name} {value} ") + string.Join(", ", tags.ToArray().Select(static tag => FormattableString.Invariant($"{tag.Key}={tag.Value}")))));
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
}
