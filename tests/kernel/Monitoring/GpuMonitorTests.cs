using System.Runtime.InteropServices;
using Hypermesh.Bpf.Monitoring;
using Hypermesh.Bpf.Monitoring.Figures;
using Hypermesh.Bpf.Tests.Harness;

namespace Hypermesh.Bpf.Tests.Kernel.Monitoring;

public sealed partial class GpuMonitorTests : KernelTest
{
    private const string NoNvml = "libhypermesh-no-nvml.so.1";

    [Fact]
    public void What_the_machine_cannot_give_is_stated_and_no_zeros_are_shown()
    {
        if (Emulation.IsEmulated)
        {
            // Another test may have loaded it.
            Sandbox.Shell("modprobe -r vgem 2> /dev/null || true");
        }

        Assert.SkipWhen(Directory.Exists("/sys/class/drm") && Directory.EnumerateFileSystemEntries("/sys/class/drm", "card*").Any(), "this machine has a DRM driver");
        GpuMonitor monitor = Own(GpuMonitor.Start(new GpuMonitorOptions { NvmlLibrary = NoNvml }));
        GpuReading reading = monitor.NewReading();
        monitor.Read(reading);
        Assert.Equal(MonitorCondition.Degraded, reading.Condition);
        Assert.Contains("no DRM driver is loaded", reading.Reason, StringComparison.Ordinal);
        Assert.Contains(NoNvml + " is not installed", reading.Reason, StringComparison.Ordinal);

        // Another test may have loaded the module.
        bool hasScheduler = File.Exists("/sys/kernel/btf/gpu_sched");
        Assert.Equal(!hasScheduler, reading.Reason!.Contains("module gpu_sched", StringComparison.Ordinal));
        Assert.Equal((false, hasScheduler), (reading.HasFences, reading.HasJobs));
        Assert.Empty(reading.Devices);
        var figures = new CountingSink();
        reading.Report(figures);
        Assert.Equal(hasScheduler, figures.Count > 0);
        Assert.All(monitor.Hooks, static hook => Assert.NotEqual(HookState.Fired, hook.State));
    }

    [Fact]
    public void Fences_of_vgem_take_as_long_as_they_are_left_open()
    {
        const int Fences = 5;
        const int OpenMs = 40;
        Sandbox.Shell("modprobe vgem 2> /dev/null || true");
        Assert.SkipUnless(Vgem.IsPresent, "this kernel has no vgem, and no other driver here makes fences");
        GpuMonitor monitor = Own(GpuMonitor.Start());
        GpuReading reading = monitor.NewReading();
        monitor.Read(reading);
        using (var vgem = new Vgem())
        {
            for (int i = 0; i < Fences; i++)
            {
                vgem.Fence(() => Thread.Sleep(OpenMs));
            }
        }

        monitor.Read(reading);
        Rounds.Figure("vgem fences", $"{reading.FencesCreated} created, {reading.FencesEmitted} emitted, {reading.FencesSignaled} signalled, mean {reading.FenceDuration.Mean} s");
        Assert.True(reading.HasFences);
        Assert.Equal((ulong)Fences, reading.FencesCreated);
        Assert.Equal((ulong)Fences, reading.FencesSignaled);
        Assert.Equal(0UL, reading.FencesUntimed);
        Assert.Equal((ulong)Fences, reading.FenceDuration.Count);
        Assert.InRange(reading.FenceDuration.Mean, OpenMs / 1000.0, Emulation.IsEmulated ? 10 : 0.5);
        Assert.Equal(HookState.Fired, Hook(monitor, "dma_fence_init").State);
        Assert.Equal(HookState.Fired, Hook(monitor, "dma_fence_signaled").State);

        // vgem does not trace emission, and nothing here has a scheduler.
        Assert.Equal(HookState.Unproven, Hook(monitor, "dma_fence_emit").State);
    }

    [Fact]
    public void A_fence_hook_that_is_detached_counts_nothing_and_is_never_called_fired()
    {
        Sandbox.Shell("modprobe vgem 2> /dev/null || true");
        Assert.SkipUnless(Vgem.IsPresent, "this kernel has no vgem, and no other driver here makes fences");
        GpuMonitor monitor = Own(GpuMonitor.Start());
        GpuReading reading = monitor.NewReading();
        Blinding.Detach(monitor.Loaded, monitor.Loaded.Live.Programs.Single(static one => one.IsLoaded && one.Name.StartsWith("fence_signaled", StringComparison.Ordinal)).Name);
        using (var vgem = new Vgem())
        {
            vgem.Fence(static () => { });
        }

        monitor.Read(reading);
        Assert.Equal((1UL, 0UL), (reading.FencesCreated, reading.FencesSignaled));
        Assert.Equal(HookState.Unproven, Hook(monitor, "dma_fence_signaled").State);
        Assert.Null(Hook(monitor, "dma_fence_signaled").Expected);
    }

    [Fact]
    public void The_schedulers_programs_load_where_its_module_is()
    {
        Sandbox.Shell("modprobe gpu-sched 2> /dev/null || true");
        Assert.SkipUnless(File.Exists("/sys/kernel/btf/gpu_sched"), "this kernel has no module gpu_sched with types");
        GpuMonitor monitor = Own(GpuMonitor.Start());
        GpuReading reading = monitor.NewReading();
        monitor.Read(reading);
        Assert.All(monitor.Hooks.Where(static hook => hook.Name.StartsWith("drm", StringComparison.Ordinal)), static hook => Assert.Equal((HookState.Unproven, HookSource.TpBtf), (hook.State, hook.Source!.Value)));
        Assert.True(reading.HasJobs);
    }

    [Fact]
    public void Devices_that_the_management_library_shows_are_in_the_reading_and_what_they_lack_is_null()
    {
        using var library = new NvmlLibrary();
        GpuMonitor monitor = Own(GpuMonitor.Start(new GpuMonitorOptions { NvmlLibrary = library.Path }));
        GpuReading reading = monitor.NewReading();
        monitor.Read(reading);
        Assert.Equal(["GPU-first", "GPU-second"], reading.Devices.Select(static device => device.Id));
        GpuDeviceFigures first = reading.Devices[0], second = reading.Devices[1];
        Assert.Equal((0.37, 30L << 30, 80L << 30, 64.0, 215.5), (first.Utilization, first.MemoryUsedBytes, first.MemoryTotalBytes, first.TemperatureCelsius, first.PowerWatts));
        Assert.Equal((null, 30L << 30, 80L << 30, null, null), (second.Utilization, second.MemoryUsedBytes, second.MemoryTotalBytes, second.TemperatureCelsius, second.PowerWatts));
        var figures = new CountingSink();
        reading.Report(figures);
        Assert.True(figures.Count >= 7);
        Assert.DoesNotContain("no GPU can be seen", reading.Reason ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void Devices_that_do_not_answer_any_more_are_stated()
    {
        using var library = new NvmlLibrary();
        GpuMonitor monitor = Own(GpuMonitor.Start(new GpuMonitorOptions { NvmlLibrary = library.Path }));
        GpuReading reading = monitor.NewReading();
        NvmlLibrary.Behave("gone");
        monitor.Read(reading);
        Assert.Contains("a GPU does not answer NVML any more", reading.Reason, StringComparison.Ordinal);
        Assert.All(reading.Devices, static device => Assert.Null(device.MemoryUsedBytes));
    }

    [Fact]
    public void A_library_whose_driver_is_not_loaded_is_not_used()
    {
        using var library = new NvmlLibrary();
        NvmlLibrary.Behave("broken");
        GpuMonitor monitor = Own(GpuMonitor.Start(new GpuMonitorOptions { NvmlLibrary = library.Path }));
        GpuReading reading = monitor.NewReading();
        monitor.Read(reading);
        Assert.Empty(reading.Devices);
        if (!reading.HasFences)
        {
            Assert.Contains("Driver Not Loaded", reading.Reason, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Reading_allocates_nothing_once_it_is_warm()
    {
        GpuMonitor monitor = Own(GpuMonitor.Start());
        GpuReading reading = monitor.NewReading();
        for (int i = 0; i < 50; i++)
        {
            monitor.Read(reading);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
        {
            monitor.Read(reading);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    /// <summary>A library with NVML's functions, compiled for the test.</summary>
    private sealed partial class NvmlLibrary : IDisposable
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("hypermesh-nvml-").FullName;

        internal NvmlLibrary()
        {
            Assert.SkipUnless(File.Exists("/usr/bin/gcc"), "needs /usr/bin/gcc, to make the library");
            Path = System.IO.Path.Combine(_folder, "libnvml.so");
            Sandbox.Shell($"gcc -shared -fPIC -o {Path} {System.IO.Path.Combine(AppContext.BaseDirectory, "nvml.c")}");
            Behave("well");
        }

        internal string Path { get; }

        public void Dispose() => Directory.Delete(_folder, recursive: true);

        // Environment.SetEnvironmentVariable changes a copy that the library does not see.
        internal static void Behave(string mode) => Assert.Equal(0, SetEnvironment("HYPERMESH_NVML", mode, 1));

        [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
        private static partial int SetEnvironment(string name, string value, int overwrite);
    }

    /// <summary>Counts the figures that it gets.</summary>
    private sealed class CountingSink : IFigureSink
    {
        internal int Count { get; private set; }

        public void Add(Metric metric, double value, in MetricLabels labels = default) => Count++;

        public void Set(Metric metric, double value, in MetricLabels labels = default) => Count++;

        public void Add(Metric metric, Exp2Histogram values, in MetricLabels labels = default) => Count++;
    }

    private static MonitorHook Hook(GpuMonitor monitor, string name) => monitor.Hooks.Single(hook => hook.Name == name);
}
