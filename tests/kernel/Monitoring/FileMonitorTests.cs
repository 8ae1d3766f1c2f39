using System.Diagnostics;
using System.Runtime.InteropServices;
using Hypermesh.Bpf.Monitoring;
using Hypermesh.Bpf.Monitoring.Files;
using Hypermesh.Bpf.Monitoring.Hooks;
using Hypermesh.Bpf.Tests.Harness;
using Microsoft.Win32.SafeHandles;

namespace Hypermesh.Bpf.Tests.Kernel.Monitoring;

public sealed partial class FileMonitorTests : KernelTest
{
    private const int NoSuchFile = 2;
    private const uint TestUser = 64_123;

    private static readonly HookFacts s_classic = new(HasTraceFs: true, IsPreemptible: true);
    private static readonly HookFacts s_typed = new(HasTraceFs: false, IsPreemptible: false);

    private static readonly int s_operations = Emulation.IsEmulated ? 1_000 : Rounds.Of(100_000);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Each_call_is_counted_with_its_error(bool classic) => Sandbox.WithTracing(() =>
    {
        FileMonitor monitor = Own(FileMonitor.Start(new FileMonitorOptions { Facts = classic ? s_classic : s_typed }));
        Assert.Equal(classic ? HookSource.Tracepoint : HookSource.TpBtf, monitor.Hooks[0].Source);
        FileReading reading = monitor.NewReading();
        monitor.Read(reading);
        string folder = Directory.CreateTempSubdirectory("hm-file-").FullName;
        try
        {
            // Nobody else follows a link to itself (ELOOP).
            string loop = Path.Combine(folder, "loop"), file = Path.Combine(folder, "file"), other = Path.Combine(folder, "other");
            File.CreateSymbolicLink(loop, "loop");
            monitor.Read(reading);
            for (int i = 0; i < s_operations; i++)
            {
                Assert.Equal(-1, Open(loop, 0, 0));
            }

            for (int i = 0; i < 1000; i++)
            {
                int descriptor = Open(file, 0x42, 0x180);
                Assert.True(descriptor >= 0);
                _ = Close(descriptor);
                Assert.Equal(0, Rename(file, other));
                Assert.Equal(0, Unlink(other));
                Assert.Equal(-1, Unlink(loop + "/x"));
                Assert.Equal(-1, Rename(loop + "/x", other));
            }

            monitor.Read(reading);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        const int loops = 40;
        FileFigures opens = reading.Of(FileOperation.Open, FileWay.SystemCall), unlinks = reading.Of(FileOperation.Unlink, FileWay.SystemCall), renames = reading.Of(FileOperation.Rename, FileWay.SystemCall);
        if (reading.Missed == 0)
        {
            Assert.Equal(((ulong)s_operations, 1000UL, 1000UL), (opens.Results[loops], unlinks.Results[loops], renames.Results[loops]));
        }

        Assert.True(opens.Results[0] >= 1000 && unlinks.Results[0] >= 1000 && renames.Results[0] >= 1000, $"{opens.Results[0]}, {unlinks.Results[0]}, {renames.Results[0]}");
        Assert.Equal(opens.Count - opens.Results[0], opens.Failed);
        Assert.All(monitor.Hooks, hook => Assert.True(hook.State == HookState.Fired || hook.State == HookState.Absent, $"{hook.Name} is {hook.State}"));
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Operations_of_io_uring_are_counted_and_no_system_call_shows_them(bool classic) => Sandbox.WithTracing(() =>
    {
        using OperationRing? ring = OperationRing.TryCreate();
        Assert.SkipWhen(ring is null, "this kernel has no io_uring, or does not allow it");
        FileMonitor monitor = Own(FileMonitor.Start(new FileMonitorOptions { Events = true, ProcessId = Environment.ProcessId, Facts = classic ? s_classic : s_typed }));
        FileReading reading = monitor.NewReading();
        string folder = Directory.CreateTempSubdirectory("hm-file-").FullName;
        int count = Rounds.Of(10_000) / (Emulation.IsEmulated ? 10 : 1);
        try
        {
            string loop = Path.Combine(folder, "loop");
            File.CreateSymbolicLink(loop, "loop");
            nint path = Marshal.StringToCoTaskMemUTF8(loop), below = Marshal.StringToCoTaskMemUTF8(loop + "/x");
            monitor.Read(reading);
            const int Fits = 500;
            List<FileEvent> all = [];
            for (int i = 0; i < count; i++)
            {
                if (i % Fits == 0)
                {
                    all.AddRange(Drain(monitor));
                }

                Assert.True(ring.TryRun(new OperationRing.Operation { Code = OperationRing.OpenAt, Folder = OperationRing.AtFdCwd, Path = path }, out int opened));
                Assert.Equal(-40, opened);
            }

            bool hasOthers = KernelFacts.Running >= new Version(5, 11);
            if (hasOthers)
            {
                Assert.True(ring.TryRun(new OperationRing.Operation { Code = OperationRing.UnlinkAt, Folder = OperationRing.AtFdCwd, Path = below }, out int unlinked));
                Assert.True(ring.TryRun(new OperationRing.Operation { Code = OperationRing.RenameAt, Folder = OperationRing.AtFdCwd, Path = below, NewFolder = OperationRing.AtFdCwd, NewPath = path }, out int renamed));
                Assert.Equal((-40, -40), (unlinked, renamed));
            }

            monitor.Read(reading);
            ulong others = hasOthers ? 1UL : 0;
            FileFigures opens = reading.Of(FileOperation.Open, FileWay.IoUring), unlinks = reading.Of(FileOperation.Unlink, FileWay.IoUring), renames = reading.Of(FileOperation.Rename, FileWay.IoUring);
            bool hasErrors = monitor.Hooks.Single(static hook => hook.Name == "io_uring_complete").Source is not null;
            int error = hasErrors ? 40 : 0;
            Assert.All(monitor.Hooks, static hook => Assert.True(hook.State == HookState.Fired || hook.Name == "io_uring_complete", $"{hook.Name} is {hook.State}: {hook.Reason}"));
            Assert.Equal(((ulong)count, others, others), (reading.Submitted[0], reading.Submitted[1], reading.Submitted[2]));
            Assert.Equal(((ulong)count, others, others), (opens.Results[error], unlinks.Results[error], renames.Results[error]));
            Assert.Equal(0UL, reading.Of(FileOperation.Open, FileWay.SystemCall).Results[40]);

            FileEvent[] events = [.. all.Concat(Drain(monitor)).Where(static one => one.Way == FileWay.IoUring && one.Path.Contains("loop", StringComparison.Ordinal))];
            if (KernelFacts.Running >= new Version(6, 0) && !(classic && KernelFacts.Running < new Version(6, 4)))
            {
                Assert.All(events, one => Assert.Null(one.Error));
                Assert.Contains(events, one => one.Operation == FileOperation.Open && one.Path == loop && one.NewPath is null);
                Assert.Contains(events, one => one.Operation == FileOperation.Unlink && one.Path == loop + "/x");
                Assert.Contains(events, one => one.Operation == FileOperation.Rename && one.Path == loop + "/x" && one.NewPath == loop);
            }

            Marshal.FreeCoTaskMem(path);
            Marshal.FreeCoTaskMem(below);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Events_have_the_paths_of_each_kind_of_call(bool classic) => Sandbox.WithTracing(() =>
    {
        FileMonitor monitor = Own(FileMonitor.Start(new FileMonitorOptions { Events = true, ProcessId = Environment.ProcessId, Facts = classic ? s_classic : s_typed }));
        string name = "/hypermesh-none/" + Guid.NewGuid();
        _ = Open(name + "a", 0, 0);
        _ = Unlink(name + "b");
        _ = Rename(name + "c", name + "d");
        _ = File.Exists(name);
        Assert.Throws<DirectoryNotFoundException>(() => File.OpenRead(name + "e"));
        FileEvent[] events = [.. Drain(monitor).Where(one => one.Path.StartsWith(name, StringComparison.Ordinal))];
        (FileOperation, string, string?)[] expected =
            [(FileOperation.Open, name + "a", null), (FileOperation.Unlink, name + "b", null), (FileOperation.Rename, name + "c", name + "d"), (FileOperation.Open, name + "e", null)];
        Assert.Equal(expected, events.Select(static one => (one.Operation, one.Path, one.NewPath)).ToArray());
        Assert.All(events, static one => Assert.True(one is { Error: NoSuchFile, Way: FileWay.SystemCall, UserId: 0 } && one.ProcessId == Environment.ProcessId));
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Each_event_that_a_stopped_reader_misses_is_counted(bool classic) => Sandbox.WithTracing(() =>
    {
        FileMonitor monitor = Own(FileMonitor.Start(new FileMonitorOptions { Events = true, EventBufferSize = 64 * 1024, ProcessId = Environment.ProcessId, UserId = TestUser, Facts = classic ? s_classic : s_typed }));
        FileReading reading = monitor.NewReading();
        var time = TimeSpan.FromSeconds(Rounds.IsFull ? 5 : 0.5);
        ulong[] opened = new ulong[2];
        Thread[] threads = [.. Enumerable.Range(0, opened.Length).Select(index => new Thread(() => opened[index] = OpenAsTestUser(time)))];
        long began = Stopwatch.GetTimestamp();
        Array.ForEach(threads, static thread => thread.Start());
        Array.ForEach(threads, static thread => thread.Join());
        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;

        monitor.Read(reading);
        ulong caused = opened[0] + opened[1], dropped = reading.Dropped, missed = reading.Missed, counted = reading.Of(FileOperation.Open, FileWay.SystemCall).Results[NoSuchFile];
        ulong produced = reading.EventsProduced, delivered = (ulong)Drain(monitor).Count;
        monitor.Read(reading);
        Assert.Equal(produced, delivered + dropped);

        // The kernel's count of what a program missed is of all calls that it runs at; it is 0 where no task is preempted.
        Assert.True(caused - produced <= missed, $"{caused} caused, {produced} produced, {counted} counted, {missed} missed, {dropped} dropped; by thread {string.Join(" and ", opened)}");
        Assert.Equal(delivered, reading.EventsDelivered);
        Assert.True(counted + missed >= caused && dropped > 0 && reading.Dropped == 0, $"{counted} counted, {caused} caused, {dropped} dropped");
        Rounds.Figure(classic ? "file events, tracepoint" : "file events, tp_btf", $"{caused} in {seconds:F1} s ({caused / seconds:F0}/s), {dropped} dropped, {delivered} delivered, {missed} missed");
    });

    [Theory]
    [InlineData("sys_exit_openat", "exit_openat", false)]
    [InlineData("sys_exit_openat", "exit_openat", true)]
    [InlineData("sys_exit_unlinkat", "exit_unlinkat", false)]
    [InlineData("sys_exit_unlinkat", "exit_unlinkat", true)]
    [InlineData("sys_exit_renameat2", "exit_renameat2", false)]
    [InlineData("sys_exit_renameat2", "exit_renameat2", true)]
    [InlineData("sys_exit", "sys_exit", false)]
    [InlineData("sys_exit", "sys_exit", true)]
    [InlineData("io_uring_submit_", "ring_submit", false)]
    [InlineData("io_uring_submit_", "ring_submit", true)]
    [InlineData("io_uring_complete", "ring_complete", false)]
    [InlineData("io_uring_complete", "ring_complete", true)]
    public void A_blind_hook_is_reported(string name, string program, bool hollow) => Sandbox.WithTracing(() =>
    {
        Emulation.OnlyInFull();
        HookFacts facts = program.StartsWith("exit_", StringComparison.Ordinal) ? s_classic : s_typed;
        using OperationRing? ring = OperationRing.TryCreate();
        Assert.SkipWhen(ring is null && name.StartsWith("io_uring", StringComparison.Ordinal), "this kernel has no io_uring, or does not allow it");
        program = program == "ring_submit" && KernelFacts.Running < new Version(6, 4) ? KernelFacts.Running < new Version(5, 19) ? "ring_submit_opcode" : "ring_submit_request" : program;
        FileMonitor monitor = Own(FileMonitor.Start(new FileMonitorOptions { Facts = facts, Load = hollow ? HollowKernel.Load(program) : null }));
        MonitorHook hook = name.EndsWith('_')
            ? monitor.Hooks.Single(hook => hook.Name.StartsWith(name, StringComparison.Ordinal))
            : monitor.Hooks.Single(hook => hook.Name == name);
        Assert.SkipWhen(hook.Source is null, $"not on this kernel: {hook.Reason}");
        FileReading reading = monitor.NewReading();
        Assert.NotEqual(HookState.Blind, hook.State);
        if (!hollow)
        {
            Blinding.Detach(monitor.Loaded, program);

            // What it saw before is in this one: other processes of the machine are counted too.
            monitor.Read(reading);
        }

        Blinding.ShowBlind(hook, () => monitor.Read(reading));
        Assert.Equal(MonitorCondition.Degraded, reading.Condition);
        Assert.Contains($"hook {hook.Name} is blind", reading.Reason, StringComparison.Ordinal);
        Assert.All(monitor.Hooks, other => Assert.Equal(other == hook, other.State == HookState.Blind));
    });

    [Fact]
    public void Reading_allocates_nothing_once_it_is_warm() => Sandbox.WithTracing(() =>
    {
        FileMonitor monitor = Own(FileMonitor.Start(new FileMonitorOptions { Events = true, MeasureCost = true }));
        FileReading reading = monitor.NewReading();
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
    });

    [Fact]
    public void What_the_monitor_does_itself_is_not_in_its_figures() => Sandbox.WithTracing(() =>
    {
        FileMonitor monitor = Own(FileMonitor.Start());
        FileReading reading = monitor.NewReading();
        ulong renamed = 0;
        for (int i = 0; i < 1000; i++)
        {
            monitor.Read(reading);
            renamed += reading.Of(FileOperation.Rename, FileWay.SystemCall).Results[NoSuchFile];
        }

        Assert.True(renamed < 1000, $"{renamed} renames of no file");
    });

    [Fact]
    public void A_monitor_that_is_disposed_twice_closes_nothing_of_others_and_is_not_read_any_more() => Sandbox.WithTracing(() =>
    {
        FileMonitor monitor = FileMonitor.Start();
        FileReading reading = monitor.NewReading();
        monitor.Read(reading);
        monitor.Dispose();

        // These get the numbers that the monitor's descriptors had.
        SafeFileHandle[] files = [.. Enumerable.Range(0, 64).Select(static _ => File.OpenHandle("/proc/self/stat"))];
        monitor.Dispose();
        Assert.All(files, static file => Assert.Equal(1, RandomAccess.Read(file, new byte[1], 0)));
        Assert.Throws<ObjectDisposedException>(() => monitor.Read(reading));
        Array.ForEach(files, static file => file.Dispose());
    });

    /// <summary>Opens a file that does not exist as a user of its own, in this thread only, so that no other open of this process is taken for one of these.</summary>
    private static unsafe ulong OpenAsTestUser(TimeSpan time)
    {
        const int setResUid = 117, setResUidOfOthers = 147;
        int number = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? setResUid : setResUidOfOthers;
        ulong opened = 0;
        byte* path = stackalloc byte[] { (byte)'/', (byte)'n', (byte)'o', (byte)'n', (byte)'e', 0 };
        Assert.Equal(0, Call(number, (nint)TestUser, -1, -1));
        try
        {
            for (long began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began) < time;)
            {
                for (int i = 0; i < 100; i++)
                {
                    _ = OpenBytes(path, 0);
                    opened++;
                }
            }
        }
        finally
        {
            Assert.Equal(0, Call(number, 0, -1, -1));
        }

        return opened;
    }

    /// <summary>Takes what is in the ring.</summary>
    private static List<FileEvent> Drain(FileMonitor monitor) => Draining.Take(monitor.ReadAllAsync, () => monitor.Loaded.Maps.Events.Positions.Available);

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "open")]
    private static unsafe partial int OpenBytes(byte* path, int flags);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "unlink", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Unlink(string path);

    [LibraryImport("libc", EntryPoint = "rename", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Rename(string path, string newPath);

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint Call(nint number, nint first, nint second, nint third);
}
