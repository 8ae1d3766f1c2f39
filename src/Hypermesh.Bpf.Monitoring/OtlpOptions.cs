using System.Globalization;

namespace Hypermesh.Bpf.Monitoring;

/// <summary>Where and how an <see cref="OtlpExporter"/> sends.</summary>
public sealed class OtlpOptions
{
    private const string MetricsPath = "v1/metrics";

    /// <summary>The address that receives the metrics; it ends with <c>/v1/metrics</c> at most receivers.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>Headers of each request, such as one with a token.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>The time that one export may take, with all its retries.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The time between two exports of a service.</summary>
    public TimeSpan Period { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Compresses requests with gzip.</summary>
    public bool Compress { get; init; } = true;

    /// <summary>The attributes of the resource: <c>service.name</c>, <c>host.name</c> and <c>os.type</c> unless set.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Resource { get; init; } = Complete([]);

    /// <summary>
    /// Reads the variables of OpenTelemetry: <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>, <c>_HEADERS</c>, <c>_TIMEOUT</c>, <c>_COMPRESSION</c> and <c>_PROTOCOL</c>, each of them also as
    /// <c>OTEL_EXPORTER_OTLP_METRICS_…</c>, which has precedence; <c>OTEL_METRIC_EXPORT_INTERVAL</c>, <c>OTEL_SERVICE_NAME</c> and <c>OTEL_RESOURCE_ATTRIBUTES</c>.
    /// </summary>
    /// <returns>The options; null when no endpoint is set.</returns>
    /// <exception cref="ArgumentException">A variable has a value that is not understood; the message names it.</exception>
    public static OtlpOptions? FromEnvironment() => From(Environment.GetEnvironmentVariable);

    internal static OtlpOptions? From(Func<string, string?> variable)
    {
        string? exact = Value(variable, "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT");
        string? common = Value(variable, "OTEL_EXPORTER_OTLP_ENDPOINT");
        if (exact is null && common is null)
        {
            return null;
        }

        (string protocolName, string? protocol) = Either(variable, "PROTOCOL");
        if (protocol is not (null or "http/protobuf"))
        {
            throw Refuse(protocolName, protocol, "only http/protobuf is supported");
        }

        (string compressionName, string? compression) = Either(variable, "COMPRESSION");
        if (compression is not (null or "gzip" or "none"))
        {
            throw Refuse(compressionName, compression, "it is gzip or none");
        }

        (string timeoutName, string? timeout) = Either(variable, "TIMEOUT");
        (string headersName, string? headers) = Either(variable, "HEADERS");
        const string PeriodName = "OTEL_METRIC_EXPORT_INTERVAL";
        string? period = Value(variable, PeriodName);
        var defaults = new OtlpOptions { Endpoint = new Uri("http://localhost") };
        return new OtlpOptions
        {
            Endpoint = exact is not null ? Address("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", exact) : Address("OTEL_EXPORTER_OTLP_ENDPOINT", common!.TrimEnd('/') + "/" + MetricsPath),
            Headers = headers is null ? [] : Pairs(headersName, headers),
            Timeout = timeout is null ? defaults.Timeout : Milliseconds(timeoutName, timeout),
            Period = period is null ? defaults.Period : Milliseconds(PeriodName, period),
            Compress = compression != "none",
            Resource = Complete(ResourceOf(variable)),
        };
    }

    private static List<KeyValuePair<string, string>> ResourceOf(Func<string, string?> variable)
    {
        const string Name = "OTEL_RESOURCE_ATTRIBUTES";
        List<KeyValuePair<string, string>> attributes = Value(variable, Name) is { } text ? Pairs(Name, text) : [];
        if (Value(variable, "OTEL_SERVICE_NAME") is { } service)
        {
            attributes.RemoveAll(static one => one.Key == "service.name");
            attributes.Add(new("service.name", service));
        }

        return attributes;
    }

    private static List<KeyValuePair<string, string>> Complete(List<KeyValuePair<string, string>> attributes)
    {
        foreach ((string key, string value) in new[] { ("service.name", "hypermesh"), ("host.name", Environment.MachineName), ("os.type", "linux") })
        {
            if (!attributes.Exists(one => one.Key == key))
            {
                attributes.Add(new(key, value));
            }
        }

        return attributes;
    }

    // key=value,key=value, with values as in addresses.
    private static List<KeyValuePair<string, string>> Pairs(string name, string text)
    {
        var pairs = new List<KeyValuePair<string, string>>();
        foreach (string part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                throw new ArgumentException($"{name} has a part without a name and '='; write it as name=value,name=value.");
            }

            pairs.Add(new(part[..equals].Trim(), Uri.UnescapeDataString(part[(equals + 1)..].Trim())));
        }

        return pairs;
    }

    private static TimeSpan Milliseconds(string name, string text)
        => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0
            ? TimeSpan.FromMilliseconds(number)
            : throw Refuse(name, text, "it is a number of milliseconds");

    private static Uri Address(string name, string text)
        => Uri.TryCreate(text, UriKind.Absolute, out Uri? address) && address.Scheme is "http" or "https"
            ? address
            : throw Refuse(name, text, "it is an address that begins with http:// or https://");

    private static (string Name, string? Value) Either(Func<string, string?> variable, string what)
    {
        string exact = "OTEL_EXPORTER_OTLP_METRICS_" + what;
        return Value(variable, exact) is { } value ? (exact, value) : ("OTEL_EXPORTER_OTLP_" + what, Value(variable, "OTEL_EXPORTER_OTLP_" + what));
    }

    private static string? Value(Func<string, string?> variable, string name) => variable(name) is { } value && value.Trim() is { Length: > 0 } text ? text : null;

    private static ArgumentException Refuse(string name, string value, string what) => new($"{name} is '{value}', but {what}.");
}
