using Hypermesh.Bpf.Hosting.Services;
using Hypermesh.Bpf.Objects;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Hypermesh.Bpf.Hosting;

/// <summary>Adds an application's own BPF objects to it.</summary>
public static class HypermeshObjectExtensions
{
    /// <summary>
    /// Loads and attaches an object with the application, and ends it with the application. Services get the skeleton, once the application has started; a failure to load or attach is one of the start.
    /// Adds a health check with the name of its class: degraded where optional programs were rejected or a change could not be loaded.
    /// </summary>
    /// <typeparam name="TSpec">The generated class of the spec, such as <c>Exec.Spec</c>.</typeparam>
    /// <typeparam name="TSkeleton">The generated class.</typeparam>
    /// <param name="services">The services of the application.</param>
    /// <param name="open">Opens the object: <c>_ => Exec.Open()</c>. It is called again for each reload.</param>
    /// <param name="load">Loads it: <c>(spec, options) => spec.Load(options)</c>.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <param name="attach">Attaches it; null for all programs whose sections name their targets.</param>
    /// <returns>The same services.</returns>
    /// <exception cref="InvalidOperationException">An object of the class is added already.</exception>
    /// <remarks>Needs what loading and attaching the programs need.</remarks>
    public static IServiceCollection AddBpf<TSpec, TSkeleton>(
        this IServiceCollection services, Func<IServiceProvider, TSpec> open, Func<TSpec, BpfLoadOptions, TSkeleton> load, BpfServiceOptions? options = null, Action<TSkeleton>? attach = null)
        where TSpec : BpfSkeletonSpec
        where TSkeleton : BpfSkeleton
    {
        ArgumentNullException.ThrowIfNull(open);
        ArgumentNullException.ThrowIfNull(load);

        // The first spec is loaded by its class; those of later versions take the object's place by name.
        TSpec? opened = null;
        return Add(services, typeof(TSkeleton).Name, options, new BpfServicePlan<TSkeleton>(
            provider => (opened = open(provider)).Object, (_, loading) => load(opened!, loading), static live => live.Live, attach ?? (static live => live.Attach())));
    }

    /// <summary>The same for an object without generated code, such as one that is compiled when the application starts.</summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="open">Opens the object: <c>_ => BpfObjectSpec.Read(File.ReadAllBytes(path), name)</c>. It is called again for each reload.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <param name="attach">Attaches it; null for all programs whose sections name their targets.</param>
    /// <returns>The same services, with a <see cref="BpfObject"/>.</returns>
    public static IServiceCollection AddBpf(this IServiceCollection services, Func<IServiceProvider, BpfObjectSpec> open, BpfServiceOptions? options = null, Action<BpfObject>? attach = null)
    {
        ArgumentNullException.ThrowIfNull(open);
        return Add(services, nameof(BpfObject), options, new BpfServicePlan<BpfObject>(open, BpfObject.Load, static live => live, attach ?? (static live => live.Attach())));
    }

    private static IServiceCollection Add<T>(IServiceCollection services, string name, BpfServiceOptions? options, BpfServicePlan<T> plan)
        where T : class, IDisposable
    {
        ArgumentNullException.ThrowIfNull(services);
        if (services.Any(static one => one.ServiceType == typeof(BpfService<T>)))
        {
            throw new InvalidOperationException($"{name} is added already: an application has one object of a class. Give the other one a class of its own.");
        }

        services.AddSingleton(provider => new BpfService<T>(plan, options ?? new BpfServiceOptions(), provider, provider.GetRequiredService<ILogger<BpfService<T>>>(), provider.GetRequiredService<ILoggerFactory>()));
        services.AddSingleton<IHostedService>(static provider => provider.GetRequiredService<BpfService<T>>());

        // A singleton, which no scope disposes; before the start there is none yet, and each request fails.
        services.AddSingleton(static provider => provider.GetRequiredService<BpfService<T>>().Live);
        services.AddHealthChecks().Add(new HealthCheckRegistration(name, static provider => provider.GetRequiredService<BpfService<T>>(), HealthStatus.Unhealthy, tags: null));
        return services;
    }
}
