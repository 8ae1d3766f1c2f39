using Hypermesh.Bpf.Monitoring.Gpu;
using Hypermesh.Bpf.Monitoring.Hooks;
using Hypermesh.Bpf.Monitoring.Keeping;
using Hypermesh.Bpf.Monitoring.Readings;

namespace Hypermesh.Bpf.Monitoring;

/// <summary>
/// Measures how long DMA fences take and how long jobs wait and run in the DRM scheduler (5.10), and polls NVIDIA's management library where it is installed. The monitor owns its programs and
/// detaches them when it is disposed.
/// </summary>
/// <example>
/// <code>
/// await using GpuMonitor monitor = GpuMonitor.Start();
/// GpuReading reading = monitor.NewReading();
/// Thread.Sleep(1000);
/// monitor.Read(reading);
/// Console.WriteLine(reading.Reason ?? $"{reading.FencesSignaled} fences, 99 % of them within {reading.FenceDuration.Percentile(0.99)} s");
/// </code>
/// </example>
public sealed class GpuMonitor : KernelMonitor<GpuReading>
{
    private const string Module = "gpu_sched";
    private const string CreatedHook = "dma_fence_init";
    private const string EmittedHook = "dma_fence_emit";
    private const string SignaledHook = "dma_fence_signaled";
    private const string QueueHook = "drm_sched_job_queue";
    private const string RunHook = "drm_sched_job_run";
    private const string DoneHook = "drm_sched_job_done";

    private readonly GpuSkeleton _gpu;
    private readonly BpfMappedArray<GpuSkeleton.GpuCounters> _counters;
    private readonly Nvml? _nvml;
    private readonly string? _lack;
    private readonly bool _hasDriver;
    private GpuSkeleton.GpuCounters _last;
    private GpuSkeleton.GpuCounters _next;

    private GpuMonitor(LoadedMonitor<GpuSkeleton> loaded, GpuMonitorOptions options, Nvml? nvml, string? lack, bool hasDriver)
        : base("gpu", loaded, options)
    {
        _gpu = loaded.Skeleton;
        _counters = _gpu.Maps.Counters.Map();
        (_nvml, _lack, _hasDriver) = (nvml, lack, hasDriver);
    }

    /// <summary>The loaded programs and maps.</summary>
    internal GpuSkeleton Loaded => _gpu;

    /// <summary>Loads and attaches the programs. Counting starts here.</summary>
    /// <param name="options">The options; null for the defaults.</param>
    /// <returns>The monitor; the caller disposes it.</returns>
    /// <remarks>Requires CAP_BPF and CAP_PERFMON, and kernel BTF (CONFIG_DEBUG_INFO_BTF).</remarks>
    /// <exception cref="BpfPermissionException">A capability is missing, or a policy refuses.</exception>
    /// <exception cref="BpfException">The load failed, or the machine has neither one of the hooks nor NVML.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static GpuMonitor Start(GpuMonitorOptions? options = null)
    {
        options ??= new GpuMonitorOptions();
        Nvml? nvml = Nvml.TryOpen(options.NvmlLibrary, out string? lacksNvml);
        GpuMonitor? monitor = null;
        LoadedMonitor<GpuSkeleton>? loaded = null;
        try
        {
            loaded = MonitorLoader.Load("gpu", Chains(), options, static version => version is null ? GpuSkeleton.Open() : GpuSkeleton.Open(version),
                static (spec, _) => spec.Maps.Counters.MaxEntries = (uint)PossibleCpus.Current.Numbers[^1] + 1, static (spec, load) => spec.Load(load));
            bool hasDriver = HasDriver(options.SysFs);
            monitor = new GpuMonitor(loaded, options, nvml, Lack(options, lacksNvml, hasDriver), hasDriver);
            monitor.Attach(loaded, lacksNvml);
            return monitor;
        }
        catch
        {
            loaded?.Undo(monitor);
            if (monitor is null)
            {
                nvml?.Dispose();
            }

            throw;
        }
    }

    /// <inheritdoc/>
    public override GpuReading NewReading() => new(_nvml?.Ids ?? []);

    /// <summary>The hooks of the monitor. Those of the DRM scheduler are in a module that a driver loads; they were renamed in 6.17.</summary>
    internal static IReadOnlyList<HookChain> Chains() =>
    [
        Fence(CreatedHook, "fence_created"),
        Fence(EmittedHook, "fence_emitted"),
        Fence(SignaledHook, "fence_signaled"),
        Job(QueueHook, "job_queued", "drm_sched_job", "drm_sched_job, drm_sched_entity"),
        Job(RunHook, "job_run", "drm_run_job", "drm_sched_job, drm_sched_entity"),
        Job(DoneHook, "job_done", "drm_sched_process_job", "drm_sched_fence"),
    ];

    private static HookChain Fence(string name, string program) => new(name, false,
        new HookOption(HookSource.Tracepoint, program + "_classic", name, "trace_event_raw_dma_fence: context, seqno"),
        new HookOption(HookSource.TpBtf, program, name, "dma_fence"));

    private static HookChain Job(string name, string program, string oldName, string prototype) => new(name, false,
        new HookOption(HookSource.TpBtf, program, name, prototype) { Module = Module },
        new HookOption(HookSource.TpBtf, program + "_old", oldName, prototype) { Module = Module });

    private protected override void Take(GpuReading into)
    {
        TakeCounts();
        into.Add(_last, _next);
        bool hasFences = false, hasJobs = false;
        foreach (MonitorHook hook in into.HookArray)
        {
            // No counter of the kernel says how many fences or jobs there were.
            hook.Observe(hook.Name switch
            {
                CreatedHook => into.FencesCreated,
                EmittedHook => into.FencesEmitted,
                SignaledHook => into.FencesSignaled,
                QueueHook => into.JobsQueued,
                RunHook => into.JobsRun,
                _ => into.JobsDone,
            }, null);
            hasFences |= hook.State != HookState.Absent && hook.Name == SignaledHook;
            hasJobs |= hook.State != HookState.Absent && hook.Name == DoneHook;
        }

        (into.HasFences, into.HasJobs) = (hasFences && _hasDriver, hasJobs);
        if (_lack is not null)
        {
            into.Degrade(_lack);
        }

        for (int device = 0; device < into.Devices.Count; device++)
        {
            if (_nvml!.TryRead(device, out GpuSample sample))
            {
                into.DeviceAt(device).Take(sample);
            }
            else
            {
                into.Degrade("a GPU does not answer NVML any more");
            }
        }
    }

    private protected override void SaveCounts(ref StateWriter into) => into.Write(_next);

    private protected override bool TryRestoreCounts(StateReader from)
    {
        _next = from.Read<GpuSkeleton.GpuCounters>();
        return true;
    }

    private protected override void DisposeOwn() => _nvml?.Dispose();

    private static bool HasDriver(string sysFs)
    {
        try
        {
            return Directory.EnumerateFileSystemEntries(Path.Combine(sysFs, "class/drm"), "card*").Any();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    // NVML is missed only where it could say something: where NVIDIA's driver is loaded, or nothing else shows a GPU.
    private static string? Lack(GpuMonitorOptions options, string? lacksNvml, bool hasDriver)
        => lacksNvml is null ? null
            : !hasDriver ? $"no GPU can be seen: no DRM driver is loaded ({options.SysFs}/class/drm has no card), and {lacksNvml}"
            : Directory.Exists(Path.Combine(options.ProcFs, "driver/nvidia")) ? $"NVIDIA's driver is loaded, but {lacksNvml}"
            : null;

    private void Attach(LoadedMonitor<GpuSkeleton> loaded, string? lacksNvml)
    {
        loaded.Attach();
        if (_nvml is null && !Hooks.Any(static hook => hook.State != HookState.Absent))
        {
            throw new BpfException($"the gpu monitor cannot run here: {lacksNvml}; {string.Join("; ", Hooks.Select(static hook => $"{hook.Name}: {hook.Reason}"))}", "gpu", null);
        }

        if (!TryContinue())
        {
            TakeCounts();
            Begin();
        }
    }

    private void TakeCounts()
    {
        _last = _next;
        CounterTotals.Sum(_counters, out _next);
    }
}

/// <summary>The options for the start of a <see cref="GpuMonitor"/>.</summary>
public sealed class GpuMonitorOptions : MonitorOptions
{
    /// <summary>Creates the default options.</summary>
    public GpuMonitorOptions()
    {
    }

    internal GpuMonitorOptions(MonitorOptions other)
        : base(other)
    {
    }

    /// <summary>NVIDIA's management library: a name that the dynamic linker finds, or a path.</summary>
    public string NvmlLibrary { get; init; } = Nvml.Library;
}
