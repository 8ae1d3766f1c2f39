using Hypermesh.Bpf.Monitoring;
using Hypermesh.Bpf.Monitoring.Figures;
using Hypermesh.Bpf.Monitoring.Series;
using Hypermesh.Bpf.Monitoring.Writers;

namespace Hypermesh.Bpf.Tests.Unit.Monitoring.Writers;

public sealed class OtlpWriterTests
{
    private static readonly DateTimeOffset s_time = DateTimeOffset.UtcNow.AddHours(1);

    [Fact]
    public void The_message_has_the_resource_the_scope_and_every_metric()
    {
        MetricStore store = PrometheusWriterTests.Full(MetricStore.HighestLimit);
        List<ProtobufField> resource = Decode(store).One(1).Message;

        List<ProtobufField> attribute = resource.One(1).Message.One(1).Message;
        Assert.Equal(("service.name", "test"), (attribute.One(1).Text, attribute.One(2).Message.One(1).Text));
        List<ProtobufField> scope = resource.One(2).Message;
        Assert.Equal("Hypermesh.Bpf.Monitoring", scope.One(1).Message.One(1).Text);
        Assert.Equal(MetricTable.All.Select(static metric => (metric.Name, metric.Help, metric.Unit)), scope.All(2).Select(static metric => (metric.Message.One(1).Text, metric.Message.One(2).Text, metric.Message.One(3).Text)));
        Assert.Equal([OtlpWriter.Schema, OtlpWriter.Schema], [resource.One(3).Text, scope.One(3).Text]);
    }

    [Fact]
    public void A_counter_is_a_monotonic_sum_since_its_beginning()
    {
        List<ProtobufField> sum = Metric(static sink => sink.Add(MetricTable.ContextSwitches, 7, new MetricLabels("3")), MetricTable.ContextSwitches).One(7).Message;

        Assert.Equal((2UL, 1UL), (sum.One(2).Value, sum.One(3).Value));
        List<ProtobufField> point = sum.One(1).Message;
        Assert.Equal(7, point.One(4).Double);
        Assert.Equal((ulong)(s_time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) * 100, point.One(3).Value);
        Assert.InRange(point.One(2).Value, point.One(3).Value - (2 * 3600_000_000_000), point.One(3).Value);
        List<ProtobufField> cpu = point.One(7).Message;
        Assert.Equal(("cpu.logical_number", 3UL), (cpu.One(1).Text, cpu.One(2).Message.One(3).Value));
    }

    [Fact]
    public void A_gauge_has_no_beginning()
    {
        List<ProtobufField> point = Metric(static sink => sink.Set(MetricTable.GpuPower, 2.5, new MetricLabels("0")), MetricTable.GpuPower).One(5).Message.One(1).Message;

        Assert.Equal(2.5, point.One(4).Double);
        Assert.Empty(point.All(2));
    }

    [Fact]
    public void A_histogram_has_the_counts_between_its_bounds_and_the_exact_sum()
    {
        Exp2Histogram histogram = Exp2Histogram.OfTimes(40);
        var slots = new ulong[40];
        (slots[10], slots[31], slots[39]) = (3, 2, 1);
        histogram.Add(new ulong[40], 0, slots, 2_500_000_000);

        List<ProtobufField> all = Metric(sink => sink.Add(MetricTable.RunQueueLatency, histogram), MetricTable.RunQueueLatency).One(9).Message;
        Assert.Equal(2UL, all.One(2).Value);
        List<ProtobufField> point = all.One(1).Message;
        ulong[] counts = point.One(6).Fixed64s;
        double[] bounds = [.. point.One(7).Fixed64s.Select(BitConverter.UInt64BitsToDouble)];

        Assert.Equal((6UL, 2.5), (point.One(4).Value, point.One(5).Double));
        Assert.Equal((25, 26), (bounds.Length, counts.Length));
        Assert.Equal((Math.ScaleB(1, -20), 16), (bounds[0], bounds[^1]));
        Assert.Equal((3UL, 2UL, 1UL, 6UL), (counts[0], counts[Array.IndexOf(bounds, 2.0)], counts[^1], counts.Aggregate(0UL, static (sum, one) => sum + one)));
    }

    [Fact]
    public void A_clock_that_was_set_back_gives_no_end_before_the_beginning()
    {
        var store = new MetricStore();
        lock (store.Gate)
        {
            store.Begin(DateTimeOffset.UnixEpoch.AddYears(1));
            store.Add(MetricTable.ProcessExecs, 1);
            store.End();
        }

        List<ProtobufField> point = MetricOf(store, MetricTable.ProcessExecs).One(7).Message.One(1).Message;
        Assert.Equal(point.One(3).Value, point.One(2).Value);
    }

    [Theory]
    [InlineData(new byte[0], 0, null)]
    [InlineData(new byte[] { 0x0a, 0x07, 0x08, 0x05, 0x12, 0x03, (byte)'b', (byte)'a', (byte)'d' }, 5, "bad")]
    [InlineData(new byte[] { 0x0a, 0x02, 0x08, 0x05 }, 5, null)]
    [InlineData(new byte[] { 0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f }, 0, null)]
    [InlineData(new byte[] { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff }, 0, null)]
    [InlineData(new byte[] { (byte)'<', (byte)'h', (byte)'t', (byte)'m', (byte)'l', (byte)'>' }, 0, null)]
    public void An_answer_is_read_whatever_it_is(byte[] answer, long rejected, string? message) => Assert.Equal((rejected, message), OtlpResponse.Read(answer));

    private static List<ProtobufField> Metric(Action<IFigureSink> report, Metric metric)
    {
        var store = new MetricStore(MetricStore.HighestLimit);
        lock (store.Gate)
        {
            store.Begin(s_time);
            report(store);
            store.End();
        }

        return MetricOf(store, metric);
    }

    private static List<ProtobufField> MetricOf(MetricStore store, Metric metric)
        => Decode(store).One(1).Message.One(2).Message.All(2).Select(static one => one.Message).Single(one => one.One(1).Text == metric.Name);

    private static List<ProtobufField> Decode(MetricStore store) => ProtobufField.Read(new OtlpWriter([new("service.name", "test")]).Write(store).ToArray());
}
