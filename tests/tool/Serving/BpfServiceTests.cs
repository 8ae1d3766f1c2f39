using System.Runtime.InteropServices;
using Hypermesh.Bpf.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Primitives;

namespace Hypermesh.Bpf.Tests.Tool.Serving;

/// <summary>An application's own object, loaded with it, reloaded after a change, and ended with it.</summary>
public sealed partial class BpfServiceTests
{
    // A number that no system call has.
    private const nint Unused = 500;

    private uint _step = 1;
    private bool _isRefused;

    [Fact]
    public async Task The_object_lives_as_long_as_the_application()
    {
        Hmbpf.NeedsRoot();
        Hosted live;
        using (IHost host = Build(new BpfServiceOptions()))
        {
            Assert.Throws<InvalidOperationException>(() => host.Services.GetRequiredService<Hosted>());
            Assert.Equal(HealthStatus.Unhealthy, (await CheckAsync(host)).Status);
            await host.StartAsync(TestContext.Current.CancellationToken);
            live = host.Services.GetRequiredService<Hosted>();
            using (IServiceScope scope = host.Services.CreateScope())
            {
                Assert.Same(live, scope.ServiceProvider.GetRequiredService<Hosted>());
            }

            Call(3);
            Assert.Equal(3ul, live.Globals.HostedCalls);
            HealthReportEntry health = await CheckAsync(host);
            Assert.Equal((HealthStatus.Healthy, "attached to sys_enter"), (health.Status, health.Data["hosted_on_enter"]));
            await host.StopAsync(TestContext.Current.CancellationToken);
            Assert.Equal(HealthStatus.Unhealthy, (await CheckAsync(host)).Status);
        }

        Assert.Throws<ObjectDisposedException>(() => live.Globals.HostedCalls);
    }

    [Fact]
    public async Task A_change_replaces_the_running_version_and_one_that_is_refused_leaves_it()
    {
        Hmbpf.NeedsRoot();
        var change = new Change();
        using IHost host = Build(new BpfServiceOptions { ReloadOn = _ => change.Token });
        await host.StartAsync(TestContext.Current.CancellationToken);
        Hosted live = host.Services.GetRequiredService<Hosted>();
        Call(1);
        _step = 10;
        change.Happen();
        Call(1);
        Assert.Equal(11ul, live.Globals.HostedCalls);

        (_step, _isRefused) = (100, true);
        change.Happen();
        HealthReportEntry health = await CheckAsync(host);
        Assert.Equal(HealthStatus.Degraded, health.Status);
        Assert.Contains("The verifier rejected program hosted_on_enter", (string)health.Data["reload"], StringComparison.Ordinal);
        Call(1);
        Assert.Equal(21ul, live.Globals.HostedCalls);

        _isRefused = false;
        change.Happen();
        Call(1);
        Assert.Equal((121ul, HealthStatus.Healthy), (live.Globals.HostedCalls, (await CheckAsync(host)).Status));
        await host.StopAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task The_folder_of_a_handover_is_used()
    {
        Hmbpf.NeedsRoot();
        using IHost host = Build(new BpfServiceOptions { Handover = new BpfHandover(Path.GetTempPath()) });
        Assert.Contains("is not in a BPF file system", (await Assert.ThrowsAsync<BpfException>(() => host.StartAsync(TestContext.Current.CancellationToken))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_class_is_added_once()
        => Assert.Contains("Hosted is added already", Assert.Throws<InvalidOperationException>(() => new ServiceCollection().AddBpf(_ => Open(), static (spec, loading) => spec.Load(loading)).AddBpf(_ => Open(), static (spec, loading) => spec.Load(loading))).Message, StringComparison.Ordinal);

    [Fact]
    public async Task A_failure_to_load_is_one_of_the_start()
    {
        Hmbpf.NeedsRoot();
        _isRefused = true;
        using IHost host = Build(new BpfServiceOptions());
        await Assert.ThrowsAsync<BpfVerifierException>(() => host.StartAsync(TestContext.Current.CancellationToken));
    }

    private static void Call(int times)
    {
        for (int i = 0; i < times; i++)
        {
            Syscall(Unused);
        }
    }

    private static async Task<HealthReportEntry> CheckAsync(IHost host)
        => (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(TestContext.Current.CancellationToken)).Entries[nameof(Hosted)];

    private IHost Build(BpfServiceOptions options)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLogging().AddBpf(_ => Open(), static (spec, loading) => spec.Load(loading), options);
        return builder.Build();
    }

    private Hosted.Spec Open()
    {
        Hosted.Spec spec = Hosted.Open();
        (spec.Globals.Tgid, spec.Globals.Step, spec.Globals.IsRefused) = ((uint)Environment.ProcessId, _step, _isRefused);
        return spec;
    }

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint Syscall(nint number);

    /// <summary>A change token that a test causes.</summary>
    private sealed class Change
    {
        private CancellationTokenSource _source = new();

        internal IChangeToken Token => new CancellationChangeToken(_source.Token);

        internal void Happen()
        {
            CancellationTokenSource happened = Interlocked.Exchange(ref _source, new CancellationTokenSource());
            happened.Cancel();
            happened.Dispose();
        }
    }
}
