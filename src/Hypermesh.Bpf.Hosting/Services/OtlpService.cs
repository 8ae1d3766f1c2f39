using Hypermesh.Bpf.Monitoring;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Hypermesh.Bpf.Hosting.Services;

/// <summary>Sends the totals once a period. A receiver that fails is logged when it begins to fail, and when it works again.</summary>
internal sealed class OtlpService(MonitoringService monitoring, OtlpOptions options, ILogger<OtlpService> logger) : BackgroundService
{
    private string? _failure;

    /// <summary>Why the last export failed; null when it did not.</summary>
    internal string? Failure => Volatile.Read(ref _failure);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        MonitorSet monitors = await monitoring.WaitAsync(stoppingToken).ConfigureAwait(false);
        using var exporter = new OtlpExporter(monitors, options);
        using var timer = new PeriodicTimer(options.Period);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            if (monitors.Sequence > 0)
            {
                Note(await exporter.ExportAsync(stoppingToken).ConfigureAwait(false));
            }
        }
    }

    private void Note(OtlpResult result)
    {
        string? failure = result.IsAccepted ? null : result.Message;
        if (failure is not null && failure != _failure)
        {
            logger.ExportFailed(failure);
        }
        else if (failure is null && _failure is not null)
        {
            logger.ExportWorks(options.Endpoint);
        }

        if (result is { IsAccepted: true, Message: not null })
        {
            logger.ValuesRejected(result.Message);
        }

        Volatile.Write(ref _failure, failure);
    }
}
