using System.Buffers;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using Hypermesh.Bpf.Hosting.Services;
using Hypermesh.Bpf.Metrics;
using Hypermesh.Bpf.Tool.Running;

namespace Hypermesh.Bpf.Tool.Serving;

/// <summary>
/// The variables and maps of running objects that their C tags as metrics. In Prometheus a name begins with <c>bpf_</c> and ends with its unit, and a counter's with <c>_total</c>; the label <c>object</c> is the object's name.
/// </summary>
internal sealed class ObjectMetrics : IMoreMetrics, IDisposable
{
    private const string Prefix = "bpf_";

    // By OpenTelemetry's rules for Prometheus; a unit in braces is none.
    private static readonly Dictionary<string, string> s_units = new(StringComparer.Ordinal)
    {
        ["By"] = "_bytes",
        ["s"] = "_seconds",
        ["ms"] = "_milliseconds",
        ["us"] = "_microseconds",
        ["ns"] = "_nanoseconds",
        ["1"] = "_ratio",
    };

    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, Family> _families = new(StringComparer.Ordinal);
    private readonly IReadOnlyList<LiveRun> _objects;
    private readonly MeterListener _listener = new();

    /// <summary>Shows what the objects declare, and owns them.</summary>
    internal ObjectMetrics(IReadOnlyList<LiveRun> objects)
    {
        _objects = objects;
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == ObjectMeter.MeterName)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Take(instrument, value, tags));
        _listener.Start();
    }

    public void Write(IBufferWriter<byte> output)
    {
        lock (_gate)
        {
            _families.Clear();
            _listener.RecordObservableInstruments();
            var text = new StringBuilder();
            foreach ((string name, Family family) in _families)
            {
                text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {EscapeLine(family.Help)}\n# TYPE {name} {(family.IsCounter ? "counter" : "gauge")}\n").Append(family.Lines);
            }

            output.Write(Encoding.UTF8.GetBytes(text.ToString()));
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        foreach (LiveRun one in _objects)
        {
            one.Dispose();
        }
    }

    private void Take(Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        bool isCounter = instrument is ObservableCounter<long>;
        string name = NameOf(instrument.Name, instrument.Unit, isCounter);
        if (!_families.TryGetValue(name, out Family? family))
        {
            _families.Add(name, family = new Family(isCounter, instrument.Description ?? $"{instrument.Name} of the C"));
        }

        string? owner = instrument.Meter.Tags?.FirstOrDefault(static tag => tag.Key == ObjectMeter.ObjectTag).Value?.ToString();
        family.Lines.Append(CultureInfo.InvariantCulture, $"{name}{{object=\"{Escape(owner ?? "")}\"");
        foreach (KeyValuePair<string, object?> tag in tags)
        {
            family.Lines.Append(CultureInfo.InvariantCulture, $",{Identifier(tag.Key)}=\"{Escape(Convert.ToString(tag.Value, CultureInfo.InvariantCulture) ?? "")}\"");
        }

        family.Lines.Append(CultureInfo.InvariantCulture, $"}} {value}\n");
    }

    private static string NameOf(string name, string? unit, bool isCounter)
    {
        string plain = Prefix + Identifier(name);
        string ending = unit is not null && s_units.TryGetValue(unit, out string? found) && !plain.EndsWith(found, StringComparison.Ordinal) ? found : "";
        return plain + ending + (isCounter ? "_total" : "");
    }

    private static string Identifier(string name) => new([.. name.Select(static one => char.IsAsciiLetterOrDigit(one) ? one : '_')]);

    private static string EscapeLine(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);

    private static string Escape(string text) => EscapeLine(text).Replace("\"", "\\\"", StringComparison.Ordinal);

    /// <summary>The lines of one name.</summary>
    private sealed record Family(bool IsCounter, string Help)
    {
        internal StringBuilder Lines { get; } = new();
    }
}
