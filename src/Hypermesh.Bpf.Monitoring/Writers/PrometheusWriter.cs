using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Hypermesh.Bpf.Monitoring.Figures;
using Hypermesh.Bpf.Monitoring.Series;

namespace Hypermesh.Bpf.Monitoring.Writers;

/// <summary>Writes all series as Prometheus's text format 0.0.4. Nothing is allocated for a series.</summary>
internal sealed class PrometheusWriter
{
    internal const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private readonly Dictionary<Metric, Parts> _parts = [];

    /// <summary>Writes what a store holds.</summary>
    internal void Write(MetricStore store, IBufferWriter<byte> output)
    {
        lock (store.Gate)
        {
            foreach (MetricFamily family in store.Families)
            {
                if (family.Series.Count > 0)
                {
                    Write(family, output);
                }
            }
        }
    }

    private void Write(MetricFamily family, IBufferWriter<byte> output)
    {
        if (!_parts.TryGetValue(family.Metric, out Parts? parts))
        {
            _parts.Add(family.Metric, parts = new Parts(family));
        }

        output.Write(parts.Head);
        foreach (MetricSeries series in family.Series)
        {
            if (family.Metric.Kind == MetricKind.Histogram)
            {
                Write(family, parts, series, output);
            }
            else
            {
                WriteName(output, parts.Name, series.LabelText, default);
                WriteNumber(output, series.Value);
            }
        }
    }

    private static void Write(MetricFamily family, Parts parts, MetricSeries series, IBufferWriter<byte> output)
    {
        Exp2Histogram? histogram = series.Histogram;
        ReadOnlySpan<ulong> slots = histogram is null ? default : histogram.Slots;
        int slot = 0;
        ulong below = 0;
        for (int bound = 0; bound < parts.Bounds.Length; bound++)
        {
            // Slot s has values up to 2^(first + s).
            int last = histogram is null ? -1 : Math.Min(slots.Length - 1, family.Exponents[bound] - histogram.FirstExponent);
            for (; slot <= last; slot++)
            {
                below += slots[slot];
            }

            WriteName(output, parts.Bucket, series.LabelText, parts.Bounds[bound]);
            WriteNumber(output, below);
        }

        ulong count = histogram?.Count ?? 0;
        WriteName(output, parts.Bucket, series.LabelText, "le=\"+Inf\""u8);
        WriteNumber(output, count);
        WriteName(output, parts.Sum, series.LabelText, default);
        WriteNumber(output, histogram?.Sum ?? 0);
        WriteName(output, parts.Count, series.LabelText, default);
        WriteNumber(output, count);
    }

    private static void WriteName(IBufferWriter<byte> output, ReadOnlySpan<byte> name, ReadOnlySpan<byte> labels, ReadOnlySpan<byte> bound)
    {
        output.Write(name);
        if (!labels.IsEmpty || !bound.IsEmpty)
        {
            output.Write("{"u8);
            output.Write(labels);
            output.Write(labels.IsEmpty || bound.IsEmpty ? default : ","u8);
            output.Write(bound);
            output.Write("}"u8);
        }

        output.Write(" "u8);
    }

    // Go reads 1e-08 and 1E-08 alike, but keeps the text of a bound as the label; values are written as it writes them too.
    private static void WriteNumber(IBufferWriter<byte> output, double value)
    {
        Span<byte> into = output.GetSpan(40);
        int length;
        if (value is >= 0 and < 1e15 && value == Math.Floor(value))
        {
            Utf8Formatter.TryFormat((ulong)value, into, out length);
        }
        else
        {
            Utf8Formatter.TryFormat(value, into, out length);
            for (int i = 0; i < length; i++)
            {
                into[i] = into[i] == (byte)'E' ? (byte)'e' : into[i];
            }
        }

        into[length++] = (byte)'\n';
        output.Advance(length);
    }

    /// <summary>The parts of a metric's lines that do not change, in UTF-8.</summary>
    private sealed class Parts
    {
        internal Parts(MetricFamily family)
        {
            Metric metric = family.Metric;
            string name = metric.PrometheusName;
            string kind = metric.Kind switch { MetricKind.Counter => "counter", MetricKind.Gauge => "gauge", _ => "histogram" };
            Head = Encoding.UTF8.GetBytes($"# HELP {name} {metric.Help}\n# TYPE {name} {kind}\n");
            Name = Encoding.UTF8.GetBytes(name);
            Bucket = Encoding.UTF8.GetBytes(name + "_bucket");
            Sum = Encoding.UTF8.GetBytes(name + "_sum");
            Count = Encoding.UTF8.GetBytes(name + "_count");
            Bounds = [.. family.Exponents.Select(Bound)];
        }

        internal byte[] Head { get; }

        internal byte[] Name { get; }

        internal byte[] Bucket { get; }

        internal byte[] Sum { get; }

        internal byte[] Count { get; }

        internal byte[][] Bounds { get; }

        private static byte[] Bound(int exponent)
            => Encoding.UTF8.GetBytes(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"le=\"{Math.ScaleB(1, exponent):R}\"").Replace('E', 'e'));
    }
}
