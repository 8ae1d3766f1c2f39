using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Hypermesh.Bpf.Monitoring;
using Hypermesh.Bpf.Monitoring.KernelCounters;
using Hypermesh.Bpf.Testing;
using Hypermesh.Bpf.Tests.Harness;
using Xunit.Sdk;

namespace Hypermesh.Bpf.Tests.Kernel.Monitoring;

public sealed class DiskMonitorTests : KernelTest
{
    private const int Attempts = 5;

    private static readonly string[] s_operations = ["read", "write", "flush", "discard"];

    [Fact]
    public void Bytes_and_operations_of_a_disk_are_those_of_diskstats() => Retry(() =>
    {
        using var disk = new LoopDisk();
        DiskMonitor monitor = Own(DiskMonitor.Start());
        DiskReading reading = monitor.NewReading();
        monitor.Read(reading);
        (ulong Count, ulong Bytes, ulong Milliseconds)[] before = disk.Truth();
        int rounds = Rounds.Of(1000);
        Assert.Equal(0, disk.Write(rounds) + disk.Read(rounds, 8192) + disk.Write(rounds, 64 << 10) + disk.Flush(20) + disk.Discard(30, 64 << 10));
        monitor.Read(reading);
        (ulong Count, ulong Bytes, ulong Milliseconds)[] after = disk.Truth();

        DiskFigures figures = reading.Find(disk.Name)!;
        for (int i = 0; i < 4; i++)
        {
            DiskOperationFigures one = figures.Operations[i];
            Rounds.Figure($"{s_operations[i]}", $"{one.Count} operations with {one.Bytes} bytes measured, {after[i].Count - before[i].Count} with {after[i].Bytes - before[i].Bytes} in /proc/diskstats");
            Assert.Equal(after[i].Count - before[i].Count, one.Count);
            Assert.Equal(i == (int)DiskOperation.Flush ? 0 : after[i].Bytes - before[i].Bytes, one.Bytes);
            Assert.Equal((0UL, 0UL), (one.Errors, one.Untimed));
        }

        Assert.Equal((ulong)rounds * 8192, figures[DiskOperation.Read].Bytes);
        Assert.Equal((ulong)rounds * (4096 + (64 << 10)), figures[DiskOperation.Write].Bytes);
        Assert.Equal((30UL, 30UL * (64 << 10)), (figures[DiskOperation.Discard].Count, figures[DiskOperation.Discard].Bytes));
        Assert.Equal(20UL, figures[DiskOperation.Flush].Count);
        Assert.Equal((0, 0), (figures.BytesTruth!.Value.Error, figures.CountTruth!.Value.Error));
        Assert.Equal(disk.Number, figures.Number);
    });

    [Fact]
    public void Each_request_with_data_has_its_time_in_the_queue_and_in_the_device() => Retry(() =>
    {
        using var disk = new LoopDisk();
        DiskMonitor monitor = Own(DiskMonitor.Start());
        DiskReading reading = monitor.NewReading();
        monitor.Read(reading);
        (ulong Count, ulong Bytes, ulong Milliseconds)[] before = disk.Truth();
        long began = Stopwatch.GetTimestamp();
        disk.Write(Rounds.Of(5000));
        disk.Flush(10);

        // Large ones: the kernel's time of a request also has the wake-up of its reader in it, some microseconds.
        disk.Read(Rounds.Of(5000), 512 * 1024);
        double took = Stopwatch.GetElapsedTime(began).TotalSeconds;
        monitor.Read(reading);
        (ulong Count, ulong Bytes, ulong Milliseconds)[] after = disk.Truth();

        double sum = 0;
        foreach (DiskOperationFigures one in reading.Find(disk.Name)!.Operations)
        {
            // A flush that is asked for is a write without data, too.
            ulong timed = one.Operation == DiskOperation.Write ? (ulong)Rounds.Of(5000) : one.Count;
            Assert.Equal((timed, timed), (one.QueueTime.Count, one.DeviceTime.Count));
            double seconds = one.QueueTime.Sum + one.DeviceTime.Sum, truth = (after[(int)one.Operation].Milliseconds - before[(int)one.Operation].Milliseconds) / 1e3;
            Rounds.Figure($"time of {s_operations[(int)one.Operation]}", $"{one.QueueTime.Sum} s in the queue and {one.DeviceTime.Sum} s in the device, {truth} s in /proc/diskstats");
            sum += seconds;
            if (one.Operation == DiskOperation.Read)
            {
                // The kernel takes the time after the program has run, and shows whole milliseconds.
                Assert.InRange(seconds, (truth * (Emulation.IsEmulated ? 0.5 : 0.9)) - 0.002, truth + 0.002);
            }
        }

        Assert.InRange(sum, took * 0.01, took);
    });

    [Fact]
    public void Both_hooks_fire()
    {
        using var disk = new LoopDisk();
        DiskMonitor monitor = Own(DiskMonitor.Start());
        DiskReading reading = monitor.NewReading();
        disk.Read(1);
        monitor.Read(reading);
        Assert.All(monitor.Hooks, static hook => Assert.Equal((hook.Name, HookState.Fired), (hook.Name, hook.State)));
        Assert.True(reading.Find(disk.Name)![DiskOperation.Read].Count >= 1);
    }

    [Theory]
    [InlineData("block_rq_issue")]
    [InlineData("block_rq_complete")]
    public void A_hook_that_is_detached_is_blind(string name)
    {
        Emulation.OnlyInFull();
        using var disk = new LoopDisk();
        DiskMonitor monitor = Own(DiskMonitor.Start());
        Blinding.Detach(monitor.Loaded, name);
        ShowBlind(disk, monitor, name);
    }

    [Theory]
    [InlineData("block_rq_issue")]
    [InlineData("block_rq_complete")]
    public void A_hook_whose_program_does_nothing_is_blind_although_it_runs(string name)
    {
        Emulation.OnlyInFull();
        using var disk = new LoopDisk();
        DiskMonitor monitor = Own(DiskMonitor.Start(new DiskMonitorOptions { Load = HollowKernel.Load(name) }));
        ShowBlind(disk, monitor, name);
        Assert.NotEmpty(monitor.Loaded.Live.Programs.Single(program => program.Name == name).Links);
    }

    [Fact]
    public void Requests_that_fail_are_counted_by_their_error() => Retry(() =>
    {
        using var mounts = new PrivateBpfFileSystem();
        mounts.Run(() =>
        {
            // A file in a file system that becomes full.
            string folder = Directory.CreateTempSubdirectory("hypermesh-full-").FullName;
            Sandbox.Shell($"mount -t tmpfs -o size=1m tmpfs {folder}");
            try
            {
                using var disk = new LoopDisk(folder: folder);
                DiskMonitor monitor = Own(DiskMonitor.Start());
                DiskReading reading = monitor.NewReading();
                int failed = disk.Write(300);
                monitor.Read(reading);
                Assert.InRange(failed, 20, 280);
                DiskOperationFigures writes = reading.Find(disk.Name)![DiskOperation.Write];
                Assert.Equal((300UL, (ulong)failed), (writes.Count, writes.Errors));
                DiskErrorFigures errors = reading.Errors.Single(one => one.Device == disk.Name);
                Assert.Contains(errors.Error, (string[])["EIO", "ENOSPC"]);
                Assert.Equal((DiskOperation.Write, (ulong)failed), (errors.Operation, errors.Count));
                monitor.Read(reading);
                Assert.Equal(0UL, reading.Errors.Single(one => one.Device == disk.Name).Count);
            }
            finally
            {
                Sandbox.Shell($"umount {folder}");
                Directory.Delete(folder);
            }
        });
    });

    [Fact]
    public void A_disk_appears_and_vanishes() => Retry(() =>
    {
        DiskMonitor monitor = Own(DiskMonitor.Start());
        DiskReading reading = monitor.NewReading();
        monitor.Read(reading);
        string name;
        uint number;
        using (var disk = new LoopDisk())
        {
            (name, number) = (disk.Name, disk.Number);
            disk.Write(10);
            monitor.Read(reading);
            Assert.True(reading.Find(name)![DiskOperation.Write].Count >= 10);
            Assert.Equal(0, reading.Find(name)!.BytesTruth!.Value.Error);
            Assert.Contains(monitor.Loaded.Maps.Disks, entry => entry.Key >> 32 == number);
        }

        for (int i = 0; i < 4; i++)
        {
            monitor.Read(reading);
        }

        Assert.Null(reading.Find(name));
        Assert.DoesNotContain(monitor.Loaded.Maps.Disks, entry => entry.Key >> 32 == number);
    });

    [Fact]
    public void A_disk_without_the_kernels_statistics_is_counted_and_not_compared() => Retry(() =>
    {
        using var disk = new LoopDisk();
        File.WriteAllText($"/sys/block/{disk.Name}/queue/iostats", "0");
        DiskMonitor monitor = Own(DiskMonitor.Start());
        DiskReading reading = monitor.NewReading();
        monitor.Read(reading);
        disk.Write(50);
        monitor.Read(reading);
        DiskFigures figures = reading.Find(disk.Name)!;
        Assert.Equal((50UL, 50UL * 4096), (figures[DiskOperation.Write].Count, figures[DiskOperation.Write].Bytes));
        Assert.Equal(50UL, figures[DiskOperation.Write].DeviceTime.Count);
        Assert.Equal((0UL, 0), (figures.BytesTruth!.Value.Measured, figures.BytesTruth!.Value.Error));
    });

    [Fact]
    public void A_disk_without_requests_is_named_and_not_wrong()
    {
        using var memory = new ZramDisk();
        DiskMonitor monitor = Own(DiskMonitor.Start());
        DiskReading reading = monitor.NewReading();
        monitor.Read(reading);
        memory.Write();
        monitor.Read(reading);
        Assert.Equal(MonitorCondition.Degraded, reading.Condition);
        Assert.Contains($"the I/O of {memory.Name} has no requests", reading.Reason, StringComparison.Ordinal);
        Assert.Null(reading.Find(memory.Name));
        Assert.All(reading.GroundTruths, static truth => Assert.True(truth.Holds, truth.ToString()));
    }

    [Fact]
    public void The_bytes_of_a_cgroup_are_those_of_its_processes() => Retry(() =>
    {
        using var disk = new LoopDisk();
        CGroupHierarchy hierarchy = CGroupHierarchy.Find("blkio")!;
        string path = $"/hypermesh-disk-{Environment.ProcessId}", folder = hierarchy.Root + path;
        Directory.CreateDirectory(folder);
        try
        {
            if (!hierarchy.IsV1)
            {
                File.WriteAllText(Path.Combine(hierarchy.Root, "cgroup.subtree_control"), "+io");
            }

            DiskMonitor monitor = Own(DiskMonitor.Start(new DiskMonitorOptions { ByCGroup = true }));
            DiskReading reading = monitor.NewReading();
            monitor.Read(reading);
            Sandbox.Shell($"echo $$ > {folder}/cgroup.procs; exec dd if=/dev/zero of={disk.Device} bs=64k count=32 oflag=direct");
            disk.Write(10);
            monitor.Read(reading);
            DiskCGroupFigures group = reading.CGroups.Single(one => one.Path == path);
            Rounds.Figure("bytes of a cgroup", $"{group[DiskOperation.Write]} of {32 * 65536} written");
            Assert.Equal(32UL * 65536, group[DiskOperation.Write]);
        }
        finally
        {
            Directory.Delete(folder);
        }
    });

    [Fact]
    public void Percentiles_are_within_one_slot_of_fios()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/fio"), "fio is not installed");
        using var disk = new LoopDisk();

        // fio measures the system call too, and its own wait for a CPU. On a loop device, these are longer than a small read.
        Retry(() => CompareWithFio(disk.Device, disk.Name, Emulation.IsEmulated ? 500 : Rounds.Of(20_000), kilobytes: Emulation.IsEmulated ? 64 : 512));
    }

    [Fact]
    public void Percentiles_of_a_device_with_a_set_completion_time_are_within_one_slot_of_fios()
    {
        Assert.SkipUnless(File.Exists("/usr/bin/fio"), "fio is not installed");
        Assert.SkipUnless(Succeeds("modprobe", "-q", "null_blk", "nr_devices=1", "queue_mode=2", "irqmode=2", "completion_nsec=5000000", "gb=1"), "this kernel has no null_blk");
        try
        {
            DiskOperationFigures reads = CompareWithFio("/dev/nullb0", "nullb0", 300);

            // The time that was set, and what an emulated processor adds.
            Assert.True(reads.DeviceTime.Percentile(0.5) >= 1.0 / 256, $"{reads.DeviceTime.Percentile(0.5)} s");
            Assert.InRange(reads.DeviceTime.Mean, 0.005, 0.015);
        }
        finally
        {
            Assert.True(Succeeds("modprobe", "-r", "null_blk"));
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Reading_allocates_nothing_once_it_is_warm(bool all)
    {
        using var disk = new LoopDisk();
        DiskMonitor monitor = Own(DiskMonitor.Start(new DiskMonitorOptions { MeasureCost = all, ByCGroup = all }));
        DiskReading reading = monitor.NewReading();
        disk.Write(10);
        disk.Flush(1);
        disk.Read(10);
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

    [Fact]
    public void Without_diskstats_the_figures_have_nothing_to_compare_with()
    {
        using var disk = new LoopDisk();
        string empty = Directory.CreateTempSubdirectory("hypermesh-proc-").FullName;
        try
        {
            DiskMonitor monitor = Own(DiskMonitor.Start(new DiskMonitorOptions { ProcFs = empty }));
            DiskReading reading = monitor.NewReading();
            disk.Write(10);
            monitor.Read(reading);
            Assert.Contains("/proc/diskstats cannot be read", reading.Reason, StringComparison.Ordinal);
            Assert.Empty(reading.GroundTruths);
            Assert.True(reading.Find(disk.Name)![DiskOperation.Write].Count >= 10);
        }
        finally
        {
            Directory.Delete(empty);
        }
    }

    [Fact]
    public void A_disposed_monitor_says_so()
    {
        DiskMonitor monitor = DiskMonitor.Start();
        DiskReading reading = monitor.NewReading();
        monitor.Dispose();
        monitor.Dispose();
        Assert.Throws<ObjectDisposedException>(() => monitor.Read(reading));
    }

    // The machine's kernel runs no program while a certain task is current, as the CPU monitor's unseen switches show. A completion may come then: one in some thousands, more under load.
    private static void Retry(Action test)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                test();
                return;
            }
            catch (XunitException) when (attempt < Attempts)
            {
                Rounds.Figure("attempts", $"{attempt}");
            }
        }
    }

    private static void ShowBlind(LoopDisk disk, DiskMonitor monitor, string name)
    {
        DiskReading reading = monitor.NewReading();
        Blinding.ShowBlind(monitor.Hooks.Single(hook => hook.Name == name), () =>
        {
            disk.Read(5);
            monitor.Read(reading);
        });
        Assert.Contains($"hook {name} is blind", reading.Reason, StringComparison.Ordinal);
        string other = name == "block_rq_issue" ? "block_rq_complete" : "block_rq_issue";
        Assert.NotEqual(HookState.Blind, monitor.Hooks.Single(hook => hook.Name == other).State);
    }

    private DiskOperationFigures CompareWithFio(string device, string name, int requests, int kilobytes = 4)
    {
        DiskMonitor monitor = Own(DiskMonitor.Start());
        DiskReading reading = monitor.NewReading();
        monitor.Read(reading);
        string output = Fio("--name=read", $"--filename={device}", "--direct=1", "--ioengine=psync", "--rw=randread", $"--bs={kilobytes}k", "--iodepth=1",
            $"--io_size={((long)requests * kilobytes).ToString(CultureInfo.InvariantCulture)}k", "--output-format=json", "--percentile_list=50:99");
        monitor.Read(reading);
        DiskOperationFigures reads = reading.Find(name)![DiskOperation.Read];
        Assert.True(reads.Count >= (ulong)requests, $"{reads.Count} reads");
        JsonElement percentiles = JsonDocument.Parse(output[output.IndexOf('{', StringComparison.Ordinal)..]).RootElement.GetProperty("jobs")[0].GetProperty("read").GetProperty("clat_ns").GetProperty("percentile");
        foreach ((double share, string key) in (ReadOnlySpan<(double, string)>)[(0.5, "50.000000"), (0.99, "99.000000")])
        {
            long ns = percentiles.GetProperty(key).GetInt64();
            double measured = reads.DeviceTime.Percentile(share);
            int theirs = Slot(ns / 1e9), ours = Slot(measured);
            Rounds.Figure($"percentile {share} of {name}", $"{measured * 1e6:F1} us measured, {ns / 1e3:F1} us by fio");
            Assert.True(Math.Abs(theirs - ours) <= 1, $"percentile {share}: {measured} s measured, {ns} ns by fio");
        }

        return reads;
    }

    private static int Slot(double seconds) => (int)Math.Ceiling(Math.Log2(seconds));

    private static string Fio(params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo("/usr/bin/fio", arguments) { RedirectStandardOutput = true })!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output;
    }

    private static bool Succeeds(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
