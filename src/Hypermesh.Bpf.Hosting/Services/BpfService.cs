using Hypermesh.Bpf.Objects;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace Hypermesh.Bpf.Hosting.Services;

/// <summary>How an object of an application is opened, loaded and attached.</summary>
/// <typeparam name="T">The class of the live object.</typeparam>
/// <param name="Open">Opens it, with the changes to its spec.</param>
/// <param name="Load">Loads what was opened.</param>
/// <param name="ObjectOf">The object of the live one.</param>
/// <param name="Attach">Attaches it.</param>
internal sealed record BpfServicePlan<T>(Func<IServiceProvider, BpfObjectSpec> Open, Func<BpfObjectSpec, BpfLoadOptions, T> Load, Func<T, BpfObject> ObjectOf, Action<T> Attach)
    where T : class, IDisposable;

/// <summary>Owns an object of an application: loads and attaches it before the application starts, replaces it after a change, and ends it with the application.</summary>
/// <typeparam name="T">The class of the live object.</typeparam>
internal sealed class BpfService<T>(BpfServicePlan<T> plan, BpfServiceOptions options, IServiceProvider provider, ILogger<BpfService<T>> logger, ILoggerFactory loggers) : IHostedLifecycleService, IHealthCheck, IDisposable
    where T : class, IDisposable
{
    private readonly Lock _gate = new();
    private T? _live;
    private IDisposable? _changes;
    private string? _failure;
    private bool _isEnded;

    /// <summary>The live object.</summary>
    /// <exception cref="InvalidOperationException">The application has not started yet.</exception>
    internal T Live => Volatile.Read(ref _live)
        ?? throw new InvalidOperationException($"{typeof(T).Name} is loaded when the application starts: use it in a hosted service, or after IHost.StartAsync.");

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // Loading takes some tenths of a second, in the kernel.
    public Task StartAsync(CancellationToken cancellationToken) => Task.Run(Start, cancellationToken);

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        if (options.KeepCapabilities is { } kept)
        {
            try
            {
                BpfPrivileges.Drop([.. kept]);
            }
            catch (BpfException reason)
            {
                logger.CapabilitiesKept(reason.Message);
            }
        }

        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.Run(Dispose, CancellationToken.None);

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (Volatile.Read(ref _live) is not { } live || _isEnded)
        {
            return Task.FromResult(HealthCheckResult.Unhealthy($"{typeof(T).Name} is not loaded."));
        }

        BpfObject loaded = plan.ObjectOf(live);
        var data = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach ((string name, BpfException reason) in loaded.Refused)
        {
            data[name] = $"refused: {reason.Message}";
        }

        foreach (BpfProgram program in loaded.Programs.Where(static program => program.IsLoaded))
        {
            data[program.Name] = program.Links.Count == 0 ? "not attached" : $"attached to {string.Join(", ", program.Links.Select(static link => link.Target))}";
        }

        if (Volatile.Read(ref _failure) is { } failure)
        {
            data["reload"] = failure;
        }

        return Task.FromResult(_failure is not null ? HealthCheckResult.Degraded("The last change was not loaded: the version before it runs.", data: data)
            : loaded.Refused.Count > 0 ? HealthCheckResult.Degraded("The kernel rejected some of the programs.", data: data)
            : loaded.Links.Count == 0 ? HealthCheckResult.Unhealthy("Nothing is attached.", data: data)
            : HealthCheckResult.Healthy("All programs run.", data));
    }

    public void Dispose()
    {
        // Outside the lock: it waits for a reload that has begun.
        Volatile.Write(ref _isEnded, true);
        _changes?.Dispose();
        lock (_gate)
        {
            _live?.Dispose();
        }
    }

    private void Start()
    {
        T live = plan.Load(plan.Open(provider), new BpfLoadOptions { LoggerFactory = loggers, Handover = options.Handover, Reloadable = options.ReloadOn is not null });
        try
        {
            plan.Attach(live);
        }
        catch
        {
            using (live)
            {
                if (options.Handover is not null && plan.ObjectOf(live).Adopted is null)
                {
                    // Nothing of a first start that failed stays.
                    plan.ObjectOf(live).Withdraw();
                }
            }

            throw;
        }

        Volatile.Write(ref _live, live);
        if (options.ReloadOn is { } token)
        {
            _changes = ChangeToken.OnChange(() => token(provider), Reload);
        }
    }

    private void Reload()
    {
        lock (_gate)
        {
            if (Volatile.Read(ref _isEnded))
            {
                return;
            }

            try
            {
                plan.ObjectOf(Live).HotReload(plan.Open(provider));
                Volatile.Write(ref _failure, null);
            }
            catch (Exception reason)
            {
                Volatile.Write(ref _failure, reason.Message);
                logger.NotReloaded(typeof(T).Name, reason.Message);
            }
        }
    }
}
