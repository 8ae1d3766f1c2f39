using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using Hypermesh.Bpf.Monitoring.Series;
using Hypermesh.Bpf.Monitoring.Writers;

namespace Hypermesh.Bpf.Monitoring;

/// <summary>The result of an export.</summary>
/// <param name="IsAccepted">True when the receiver accepted the request. It may still have rejected some of the values.</param>
/// <param name="Rejected">The number of values that the receiver rejected.</param>
/// <param name="Message">What failed, or what the receiver says about the rejected values; null when there is nothing to say.</param>
public readonly record struct OtlpResult(bool IsAccepted, long Rejected, string? Message);

/// <summary>
/// Sends the totals of a <see cref="MonitorSet"/> to a receiver of OpenTelemetry's protocol (OTLP), as protobuf over HTTP. Totals are cumulative, histograms included. A request that the receiver
/// cannot accept now is repeated within <see cref="OtlpOptions.Timeout"/>. One that it does not accept at all loses nothing, because the next one has the totals again.
/// </summary>
public sealed class OtlpExporter : IDisposable
{
    private const int LongestAnswer = 64 * 1024;
    private static readonly TimeSpan s_firstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_leastPause = TimeSpan.FromMilliseconds(100);

    // Longer than any sensible timeout, and short enough for Task.Delay.
    private static readonly TimeSpan s_longestPause = TimeSpan.FromDays(1);

    private readonly MetricStore _store;
    private readonly OtlpOptions _options;
    private readonly OtlpWriter _writer;
    private readonly HttpClient _client;
    private readonly SemaphoreSlim _one = new(1);
    private readonly TimeProvider _time;

    /// <summary>Creates an exporter. It sends nothing before <see cref="ExportAsync"/> is called.</summary>
    /// <param name="monitors">The monitors; they are not disposed with the exporter.</param>
    /// <param name="options">Where to send.</param>
    public OtlpExporter(MonitorSet monitors, OtlpOptions options)
        : this((monitors ?? throw new ArgumentNullException(nameof(monitors))).Store, options ?? throw new ArgumentNullException(nameof(options)), TimeProvider.System)
    {
    }

    internal OtlpExporter(MetricStore store, OtlpOptions options, TimeProvider time)
    {
        _store = store;
        _options = options;
        _time = time;
        _writer = new OtlpWriter(options.Resource);
        _client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
        {
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = LongestAnswer,
        };
    }

    /// <summary>Sends the totals as they are now.</summary>
    /// <param name="cancellationToken">Ends the export.</param>
    /// <returns>The result. A receiver that fails is in the result, not an exception.</returns>
    /// <exception cref="OperationCanceledException">The export was cancelled.</exception>
    public async Task<OtlpResult> ExportAsync(CancellationToken cancellationToken = default)
    {
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            byte[] body = Compressed(_writer.Write(_store));
            using var limit = new CancellationTokenSource(_options.Timeout, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            return await RepeatAsync(body, either.Token, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose()
    {
        _client.Dispose();
        _one.Dispose();
    }

    private async Task<OtlpResult> RepeatAsync(byte[] body, CancellationToken either, CancellationToken caller)
    {
        TimeSpan pause = s_firstPause;
        string failure = "it did not answer";
        try
        {
            while (true)
            {
                (OtlpResult? result, string? reason, TimeSpan? asked) = await TryAsync(body, either).ConfigureAwait(false);
                if (result is { } final)
                {
                    return final;
                }

                failure = reason!;
                await Task.Delay(asked ?? (pause * (0.5 + Random.Shared.NextDouble())), _time, either).ConfigureAwait(false);
                pause *= 2;
            }
        }
        catch (OperationCanceledException) when (!caller.IsCancellationRequested)
        {
            return Failed(string.Create(CultureInfo.InvariantCulture, $"{failure}, and the time of {_options.Timeout.TotalSeconds:0.#} s is over"));
        }
    }

    // The result, or why it has to be repeated and after which pause.
    private async Task<(OtlpResult? Result, string? Reason, TimeSpan? Pause)> TryAsync(byte[] body, CancellationToken stop)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, _options.Endpoint) { Content = new ByteArrayContent(body) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(OtlpWriter.ContentType);
            if (_options.Compress)
            {
                request.Content.Headers.ContentEncoding.Add("gzip");
            }

            foreach ((string name, string value) in _options.Headers)
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }

            using HttpResponseMessage answer = await _client.SendAsync(request, stop).ConfigureAwait(false);
            if (answer.IsSuccessStatusCode)
            {
                (long rejected, string? message) = OtlpResponse.Read(await answer.Content.ReadAsByteArrayAsync(stop).ConfigureAwait(false));
                string? said = rejected > 0 || message is not null ? $"{_options.Endpoint} rejected {rejected} values: {message ?? "no reason given"}" : null;
                return (new OtlpResult(true, rejected, said), null, null);
            }

            string status = $"it answered {(int)answer.StatusCode} {answer.ReasonPhrase}";
            return answer.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout
                ? (null, status, PauseOf(answer.Headers.RetryAfter))
                : (Failed(status), null, null);
        }
        catch (HttpRequestException exception)
        {
            return (null, exception.InnerException?.Message ?? exception.Message, null);
        }
    }

    private TimeSpan? PauseOf(RetryConditionHeaderValue? retry)
    {
        TimeSpan? pause = retry?.Delta ?? (retry?.Date - _time.GetUtcNow());
        return pause < s_leastPause ? s_leastPause : pause > s_longestPause ? s_longestPause : pause;
    }

    private OtlpResult Failed(string why) => new(false, 0, $"Metrics cannot be sent to {_options.Endpoint}: {why}.");

    private byte[] Compressed(ReadOnlyMemory<byte> message)
    {
        if (!_options.Compress)
        {
            return message.ToArray();
        }

        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(message.Span);
        }

        return packed.ToArray();
    }
}
