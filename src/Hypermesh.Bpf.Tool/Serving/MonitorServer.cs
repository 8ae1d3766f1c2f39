using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Hypermesh.Bpf.Hosting;
using Hypermesh.Bpf.Hosting.Services;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Hypermesh.Bpf.Tool.Serving;

/// <summary>
/// The monitors behind HTTP: a server on loopback with the page, and on request a second one with the metrics and the health check only. The second server has no route to
/// the page, so no mistake in a rule can show it.
/// </summary>
internal sealed class MonitorServer : IAsyncDisposable
{
    private readonly WebApplication _page;
    private WebApplication? _metrics;

    private MonitorServer(WebApplication page) => _page = page;

    /// <summary>The address of the page.</summary>
    internal string PageAddress => _page.Urls.First();

    /// <summary>The address of the metrics alone; null where there is none.</summary>
    internal string? MetricsAddress => _metrics?.Urls.First();

    /// <summary>Cancelled when the server stops, also by itself.</summary>
    internal CancellationToken Stopping => _page.Lifetime.ApplicationStopping;

    /// <summary>Starts the monitors, then listens.</summary>
    /// <exception cref="BpfException">Listening on an address failed, or the certificate cannot be read.</exception>
    internal static async Task<MonitorServer> StartAsync(ServeOptions options, ILoggerProvider log, CancellationToken stop)
    {
        WebApplication page = CreatePage(options, log);
        var server = new MonitorServer(page);
        try
        {
            if (options.Metrics is { } metrics)
            {
                server._metrics = CreateMetrics(metrics, page.Services, options.Objects, log);
            }

            await StartAsync(page, options.Listen, "--listen", stop).ConfigureAwait(false);
            if (server._metrics is not null)
            {
                await StartAsync(server._metrics, options.Metrics!.Listen, "--metrics-listen", stop).ConfigureAwait(false);
            }

            return server;
        }
        catch
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Ends the requests and detaches the monitors.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_metrics is not null)
        {
            await _metrics.StopAsync().ConfigureAwait(false);
            await _metrics.DisposeAsync().ConfigureAwait(false);
        }

        await _page.StopAsync().ConfigureAwait(false);
        await _page.DisposeAsync().ConfigureAwait(false);
    }

    private static WebApplication CreatePage(ServeOptions options, ILoggerProvider log)
    {
        WebApplicationBuilder builder = CreateBuilder(options.Listen, log, tls: null);
        builder.Services.AddHypermeshMonitoring(new HypermeshMonitoringOptions { Monitors = options.Monitors, HasMeter = false });
        builder.Services.AddHypermeshServiceNotification();
        if (options.Otlp is { } otlp)
        {
            builder.Services.AddHypermeshOtlp(otlp);
        }

        Add(builder, options.Objects);

        WebApplication server = builder.Build();
        server.Use(static next => RequestRules.Before(next, token: null));
        server.UseRouting();
        server.MapHypermeshMetrics();
        server.MapHypermeshHealth();
        server.MapHypermeshReading();
        server.MapHypermeshEvents();
        server.MapMethods("/api/processes", ["GET"], new BusyProcesses(options.Monitors.ProcFs).AnswerAsync);
        PageFiles.Map(server);
        return server;
    }

    private static void Add(WebApplicationBuilder builder, ObjectMetrics? objects)
    {
        if (objects is not null)
        {
            builder.Services.AddSingleton<IMoreMetrics>(objects);
        }
    }

    private static WebApplication CreateMetrics(MetricsListener listener, IServiceProvider page, ObjectMetrics? objects, ILoggerProvider log)
    {
        var monitoring = page.GetRequiredService<MonitoringService>();
        WebApplicationBuilder builder = CreateBuilder(listener.Listen, log, listener.CertificateFile is { } file ? Certificate(file, listener.KeyFile!) : null);
        builder.Services.AddSingleton(monitoring);
        builder.Services.AddHealthChecks().AddCheck(MonitoringHealthCheck.Name, page.GetRequiredService<MonitoringHealthCheck>());
        Add(builder, objects);
        WebApplication server = builder.Build();
        server.Use(next => RequestRules.Before(next, listener.Token));
        server.UseRouting();
        server.MapHypermeshMetrics();
        server.MapHypermeshHealth();
        return server;
    }

    // No configuration from files or variables, and no handling of signals: the command has its own.
    private static WebApplicationBuilder CreateBuilder(IPEndPoint listen, ILoggerProvider log, X509Certificate2? tls)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.AddProvider(log);

        // A degraded monitor is in each answer of the health check; a line for each of them says no more.
        builder.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.WebHost.UseKestrelCore();
        if (tls is not null)
        {
            builder.WebHost.UseKestrelHttpsConfiguration();
        }

        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = 128;
            kestrel.Limits.MaxRequestBodySize = 1024;
            kestrel.Limits.MaxRequestLineSize = 2048;
            kestrel.Limits.MaxRequestHeadersTotalSize = 16 * 1024;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
            kestrel.Listen(listen, one =>
            {
                one.Protocols = HttpProtocols.Http1;
                if (tls is not null)
                {
                    one.UseHttps(tls);
                }
            });
        });
        return builder;
    }

    private static X509Certificate2 Certificate(string file, string keyFile)
    {
        try
        {
            return X509Certificate2.CreateFromPemFile(file, keyFile);
        }
        catch (Exception reason) when (reason is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new BpfException($"The certificate {file} with the key {keyFile} cannot be used: {reason.Message} Both are PEM files, and the key has no password.", reason);
        }
    }

    private static async Task StartAsync(WebApplication server, IPEndPoint listen, string option, CancellationToken stop)
    {
        try
        {
            await server.StartAsync(stop).ConfigureAwait(false);
        }
        catch (IOException reason)
        {
            throw new BpfException($"Cannot listen on {listen}: {reason.GetBaseException().Message}. Choose another address with {option}; port 0 takes a free one.", reason);
        }
    }

    /// <summary>The command decides when the server ends.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
