using Hypermesh.Bpf.Monitoring;

namespace Hypermesh.Bpf.Tests.Unit.Monitoring;

public sealed class OtlpOptionsTests
{
    [Fact]
    public void Without_an_endpoint_nothing_is_sent() => Assert.Null(From(("OTEL_EXPORTER_OTLP_HEADERS", "a=b")));

    [Theory]
    [InlineData("http://collector:4318", "http://collector:4318/v1/metrics")]
    [InlineData("https://collector/otlp/", "https://collector/otlp/v1/metrics")]
    public void The_common_endpoint_gets_the_path_of_metrics(string given, string expected)
        => Assert.Equal(new Uri(expected), From(("OTEL_EXPORTER_OTLP_ENDPOINT", given))!.Endpoint);

    [Fact]
    public void The_variables_for_metrics_come_first_and_as_they_are()
    {
        OtlpOptions options = From(
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://other:4318"), ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://own:9/x"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "a=1"), ("OTEL_EXPORTER_OTLP_METRICS_HEADERS", "Authorization=Bearer%20t=k, b = 2"),
            ("OTEL_EXPORTER_OTLP_TIMEOUT", "1"), ("OTEL_EXPORTER_OTLP_METRICS_TIMEOUT", "2500"), ("OTEL_METRIC_EXPORT_INTERVAL", "15000"),
            ("OTEL_EXPORTER_OTLP_COMPRESSION", "none"), ("OTEL_SERVICE_NAME", "mine"), ("OTEL_RESOURCE_ATTRIBUTES", "service.name=not,deployment.environment=lab"))!;

        Assert.Equal(new Uri("http://own:9/x"), options.Endpoint);
        Assert.Equal([new("Authorization", "Bearer t=k"), new("b", "2")], options.Headers);
        Assert.Equal((2.5, 15.0, false), (options.Timeout.TotalSeconds, options.Period.TotalSeconds, options.Compress));
        Assert.Contains(new KeyValuePair<string, string>("service.name", "mine"), options.Resource);
        Assert.Contains(new KeyValuePair<string, string>("deployment.environment", "lab"), options.Resource);
        Assert.Single(options.Resource, static one => one.Key == "service.name");
    }

    [Fact]
    public void The_defaults_are_those_of_OpenTelemetry()
    {
        OtlpOptions options = From(("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318"))!;

        Assert.Equal((10.0, 60.0, true), (options.Timeout.TotalSeconds, options.Period.TotalSeconds, options.Compress));
        Assert.Contains(new KeyValuePair<string, string>("host.name", Environment.MachineName), options.Resource);
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318")]
    [InlineData("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "grpc://collector")]
    [InlineData("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")]
    [InlineData("OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "http/json")]
    [InlineData("OTEL_EXPORTER_OTLP_TIMEOUT", "10s")]
    [InlineData("OTEL_EXPORTER_OTLP_COMPRESSION", "zstd")]
    [InlineData("OTEL_EXPORTER_OTLP_HEADERS", "token")]
    [InlineData("OTEL_METRIC_EXPORT_INTERVAL", "0")]
    [InlineData("OTEL_RESOURCE_ATTRIBUTES", "x")]
    public void A_value_that_is_not_understood_is_refused_with_the_variable(string name, string value)
    {
        ArgumentException refusal = Assert.Throws<ArgumentException>(() => From(("OTEL_EXPORTER_OTLP_ENDPOINT", "http://c:4318"), (name, value)));

        Assert.StartsWith(name, refusal.Message, StringComparison.Ordinal);
    }

    private static OtlpOptions? From(params (string Name, string Value)[] variables)
        => OtlpOptions.From(name => Array.FindLast(variables, one => one.Name == name).Value);
}
