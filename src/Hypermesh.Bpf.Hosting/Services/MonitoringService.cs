using System.Diagnostics.Metrics;
using Hypermesh.Bpf.Monitoring;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Hypermesh.Bpf.Hosting.Services;

/// <summary>Owns the monitors of an application: starts them with it, reads them once a period, and detaches them at its end.</summary>
internal sealed class MonitoringService(HypermeshMonitoringOptions options, TimeProvider time, ILogger<MonitoringService> logger, IMeterFactory? meters = null) : BackgroundService
{
    private readonly TaskCompletionSource<MonitorSet> _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Meter? _meter;
    private long _lastReading;
    private bool _isDetached;

    /// <summary>Raised after each reading, on the thread that read.</summary>
    internal event Action<MonitorSet>? Read;

    /// <summary>The monitors; null before the application has started.</summary>
    internal MonitorSet? Monitors => _started.Task.IsCompletedSuccessfully ? _started.Task.Result : null;

    internal HypermeshMonitoringOptions Options => options;

    /// <summary>The time since the last reading; null before the first.</summary>
    internal TimeSpan? SinceReading => Volatile.Read(ref _lastReading) is var last and not 0 ? time.GetElapsedTime(last) : null;

    /// <summary>Returns the monitors once they are started.</summary>
    internal Task<MonitorSet> WaitAsync(CancellationToken stop) => _started.Task.WaitAsync(stop);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        // Loading takes some tenths of a second, in the kernel.
        MonitorSet monitors = await Task.Run(() => options.Start(options.Monitors), cancellationToken).ConfigureAwait(false);
        _meter = options.HasMeter ? monitors.CreateMeter(meters) : null;
        foreach ((string name, MonitorCondition condition, string? reason) in monitors.Conditions())
        {
            if (condition == MonitorCondition.Refused)
            {
                logger.MonitorRefused(name, reason);
            }
        }

        _started.SetResult(monitors);
        await base.StartAsync(cancellationToken).ConfigureAwait(false);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken).ConfigureAwait(false);
        if (!_isDetached && Monitors is { } monitors)
        {
            _isDetached = true;
            await monitors.DisposeAsync().ConfigureAwait(false);
        }
    }

    public override void Dispose()
    {
        base.Dispose();
        if (meters is null)
        {
            _meter?.Dispose();
        }

        // A host whose start failed is disposed and not stopped.
        if (!_isDetached)
        {
            _isDetached = true;
            Monitors?.Dispose();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
            {
                Monitors!.Read();
                Volatile.Write(ref _lastReading, time.GetTimestamp());
                Read?.Invoke(Monitors);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host ends.
        }
    }
}
