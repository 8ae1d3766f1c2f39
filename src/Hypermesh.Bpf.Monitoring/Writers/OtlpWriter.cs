using System.Globalization;
using Hypermesh.Bpf.Monitoring.Figures;
using Hypermesh.Bpf.Monitoring.Series;

namespace Hypermesh.Bpf.Monitoring.Writers;

/// <summary>
/// Writes all series as an ExportMetricsServiceRequest of OpenTelemetry's protocol 1.x (opentelemetry/proto/collector/metrics/v1). All totals are cumulative. The field numbers are those of the .proto
/// files.
/// </summary>
internal sealed class OtlpWriter(IReadOnlyList<KeyValuePair<string, string>> resource)
{
    internal const string ContentType = "application/x-protobuf";
    internal const string Schema = "https://opentelemetry.io/schemas/1.44.0";

    private const ulong Cumulative = 2;
    private const ulong NanosecondsPerTick = 100;

    private static readonly string s_version = typeof(OtlpWriter).Assembly.GetName().Version?.ToString(3) ?? "";

    private readonly ProtobufWriter _output = new();

    /// <summary>Writes what a store holds. The bytes are valid until the next call.</summary>
    internal ReadOnlyMemory<byte> Write(MetricStore store)
    {
        lock (store.Gate)
        {
            _output.Clear();
            int request = _output.Length;
            WriteScope(store);
            int owner = _output.Length;
            for (int i = resource.Count - 1; i >= 0; i--)
            {
                WriteAttribute(1, resource[i].Key, resource[i].Value);
            }

            _output.EndMessage(1, owner);
            _output.EndMessage(1, request);
            return _output.Written;
        }
    }

    private void WriteScope(MetricStore store)
    {
        _output.WriteString(3, Schema);
        int metrics = _output.Length;
        _output.WriteString(3, Schema);
        ulong time = UnixNanoseconds(store.Time);
        for (int i = store.Families.Length - 1; i >= 0; i--)
        {
            if (store.Families[i].Series.Count > 0)
            {
                Write(store.Families[i], time);
            }
        }

        int scope = _output.Length;
        _output.WriteString(2, s_version);
        _output.WriteString(1, MonitorInstruments.MeterName);
        _output.EndMessage(1, scope);
        _output.EndMessage(2, metrics);
    }

    private void Write(MetricFamily family, ulong time)
    {
        Metric metric = family.Metric;
        int whole = _output.Length;
        int data = _output.Length;
        if (metric.Kind != MetricKind.Gauge)
        {
            if (metric.Kind == MetricKind.Counter)
            {
                _output.WriteNumber(3, 1);
            }

            _output.WriteNumber(2, Cumulative);
        }

        for (int i = family.Series.Count - 1; i >= 0; i--)
        {
            int point = _output.Length;
            if (metric.Kind == MetricKind.Histogram)
            {
                WriteHistogram(family, family.Series[i], time);
            }
            else
            {
                WriteValue(metric, family.Series[i], time);
            }

            _output.EndMessage(1, point);
        }

        _output.EndMessage(metric.Kind switch { MetricKind.Gauge => 5, MetricKind.Counter => 7, _ => 9 }, data);
        _output.WriteString(3, metric.Unit);
        _output.WriteString(2, metric.Help);
        _output.WriteString(1, metric.Name);
        _output.EndMessage(2, whole);
    }

    private void WriteValue(Metric metric, MetricSeries series, ulong time)
    {
        WriteAttributes(7, metric, series);
        _output.WriteDouble(4, series.Value);
        WriteTimes(metric, series, time);
    }

    private void WriteHistogram(MetricFamily family, MetricSeries series, ulong time)
    {
        Metric metric = family.Metric;
        WriteAttributes(9, metric, series);
        int packed = _output.Length;
        for (int bound = family.Exponents.Length - 1; bound >= 0; bound--)
        {
            _output.AddDouble(Math.ScaleB(1, family.Exponents[bound]));
        }

        _output.EndMessage(7, packed);
        packed = _output.Length;
        Exp2Histogram? histogram = series.Histogram;
        ulong count = histogram?.Count ?? 0;
        ulong above = count;
        for (int bound = family.Exponents.Length - 1; bound >= 0; bound--)
        {
            ulong upTo = histogram?.CountUpTo(family.Exponents[bound]) ?? 0;
            _output.AddFixed64(above - upTo);
            above = upTo;
        }

        _output.AddFixed64(above);
        _output.EndMessage(6, packed);
        _output.WriteDouble(5, histogram?.Sum ?? 0);
        _output.WriteFixed64(4, count);
        WriteTimes(metric, series, time);
    }

    // A clock that was set back must not make the beginning later than the end.
    private void WriteTimes(Metric metric, MetricSeries series, ulong time)
    {
        _output.WriteFixed64(3, time);
        if (metric.Kind != MetricKind.Gauge)
        {
            _output.WriteFixed64(2, Math.Min(UnixNanoseconds(series.Start), time));
        }
    }

    private void WriteAttributes(int field, Metric metric, MetricSeries series)
    {
        for (int i = metric.Attributes.Length - 1; i >= 0; i--)
        {
            WriteAttribute(field, metric.Attributes[i], series.Labels[i] ?? "");
        }
    }

    // OpenTelemetry has the number of a CPU as a number.
    private void WriteAttribute(int field, string key, string value)
    {
        int attribute = _output.Length;
        int any = _output.Length;
        if (key == MetricTable.Cpu && ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number))
        {
            _output.WriteNumber(3, number);
        }
        else
        {
            _output.WriteString(1, value);
        }

        _output.EndMessage(2, any);
        _output.WriteString(1, key);
        _output.EndMessage(field, attribute);
    }

    private static ulong UnixNanoseconds(DateTimeOffset time) => (ulong)Math.Max(0, time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) * NanosecondsPerTick;
}
