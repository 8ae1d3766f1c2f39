using System.Diagnostics.Metrics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Hypermesh.Bpf.Maps.Keyed;
using Hypermesh.Bpf.Objects.Metrics;
using Hypermesh.Bpf.Objects.Requirements;
using Hypermesh.Bpf.Telemetry;
using Microsoft.Extensions.Logging;

namespace Hypermesh.Bpf.Metrics;

/// <summary>An instrument with a measurement for each entry of a map. The values of all CPUs are added up.</summary>
internal sealed class MapMetric : MetricSource
{
    /// <summary>The most measurements of one instrument. Each is a time series wherever metrics are stored; those beyond are counted.</summary>
    internal const int MostMeasurements = 500;

    private readonly Lock _gate = new();
    private readonly BpfUntypedMap _map;
    private readonly EntryBuffer _buffer;
    private readonly int _cpus;
    private readonly int _stride;
    private readonly bool _isArray;

    // The one index of an array with one element says nothing.
    private readonly IReadOnlyList<MetricAttribute> _attributes;

    internal MapMetric(MetricDefinition definition, BpfMapHandle handle, ILogger logger)
        : base(definition, handle, logger)
    {
        _map = new BpfUntypedMap(handle);
        _isArray = handle.Type is BpfMapType.Array or BpfMapType.PerCpuArray;
        _attributes = _isArray && handle.MaxEntries == 1 ? [] : definition.Attributes;
        bool isPerCpu = MapTypeFacts.IsPerCpu(handle.Type);
        _cpus = isPerCpu ? PossibleCpus.Of(handle.Kernel).Count : 1;
        _stride = isPerCpu ? (handle.ValueSize + sizeof(ulong) - 1) & -sizeof(ulong) : handle.ValueSize;
        _buffer = new EntryBuffer(handle.KeySize, _stride * _cpus);
    }

    protected override IReadOnlyList<Measurement<long>> Read()
    {
        var measurements = new List<Measurement<long>>();
        long cut = 0;
        lock (_gate)
        {
            _buffer.Restart();
            while (MapReader.ReadPart(_map, _buffer))
            {
                int taken = Math.Min(_buffer.Count, MostMeasurements - measurements.Count);
                for (int i = 0; i < taken; i++)
                {
                    measurements.Add(Measure(i));
                }

                cut += _buffer.Count - taken;
                if (cut > 0 && _isArray)
                {
                    cut = Handle.MaxEntries - MostMeasurements;
                    break;
                }
            }
        }

        if (cut > 0)
        {
            BpfMetrics.MeasurementsCut(cut, Handle.ObjectName ?? "", Definition.Tag.Name);
        }

        return measurements;
    }

    private Measurement<long> Measure(int entry)
    {
        MetricInteger place = Definition.Value;
        ReadOnlySpan<byte> values = MemoryMarshal.CreateReadOnlySpan(ref _buffer.ValueAt(entry), _stride * _cpus);
        ulong sum = 0;
        for (int cpu = 0; cpu < _cpus; cpu++)
        {
            sum = unchecked(sum + place.Read(values[(cpu * _stride)..]));
        }

        return new Measurement<long>(place.ToLong(sum), Attributes(MemoryMarshal.CreateReadOnlySpan(ref _buffer.KeyAt(entry), Handle.KeySize)));
    }

    private KeyValuePair<string, object?>[] Attributes(ReadOnlySpan<byte> key)
    {
        var attributes = new KeyValuePair<string, object?>[_attributes.Count];
        for (int i = 0; i < attributes.Length; i++)
        {
            MetricAttribute attribute = _attributes[i];
            attributes[i] = new(attribute.Name, Value(attribute, key));
        }

        return attributes;
    }

    private static object Value(MetricAttribute attribute, ReadOnlySpan<byte> key)
    {
        MetricInteger place = attribute.Place;
        return attribute.Kind switch
        {
            MetricAttributeKind.Text => Text(key.Slice(place.Offset, place.Size)),
            MetricAttributeKind.Bytes => Convert.ToHexStringLower(key.Slice(place.Offset, place.Size)),
            MetricAttributeKind.Boolean => place.Read(key) != 0,
            MetricAttributeKind.Constant => attribute.Names.GetValueOrDefault(place.Read(key)) ?? Digits(place, place.Read(key)),
            _ => Number(place, place.Read(key)),
        };
    }

    // Invalid UTF-8 becomes U+FFFD.
    private static string Text(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
    }

    // Listeners know 64-bit numbers with a sign. Two keys must not become one attribute, so a number beyond is its digits.
    private static object Number(MetricInteger place, ulong value) => place.IsSigned || value <= long.MaxValue ? (long)value : Digits(place, value);

    private static string Digits(MetricInteger place, ulong value)
        => place.IsSigned ? ((long)value).ToString(CultureInfo.InvariantCulture) : value.ToString(CultureInfo.InvariantCulture);
}
