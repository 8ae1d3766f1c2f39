using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Hypermesh.Bpf.Monitoring;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Testing;
using Hypermesh.Bpf.Tests.Harness;

namespace Hypermesh.Bpf.Tests.Kernel.Monitoring;

/// <summary>All monitors while they are replaced: by a successor that takes them over, and by new programs in the same process. Events go on meanwhile, in known numbers.</summary>
public sealed partial class MonitorHandoverTests : KernelTest
{
    private const string Folder = "HANDED_SET";
    private const string Loops = "hypermesh_file_operations_total{hypermesh_operation=\"open\",hypermesh_path=\"syscall\",error_type=\"ELOOP\"}";
    private const string Switches = "hypermesh_cpu_context_switches_total";

    [Fact]
    public void Every_total_goes_on_in_a_successor_with_what_happened_between() => UnderLoad((options, load) =>
    {
        Dictionary<string, double> last = [];
        int handovers = Rounds.Of(20);
        for (int generation = 0; generation <= handovers; generation++)
        {
            using MonitorSet set = MonitorSet.Start(options);
            Assert.All(set.Monitors, slot => Assert.Equal(generation > 0 && slot.Monitor is not null, slot.Monitor?.IsContinued ?? false));
            if (generation == 0)
            {
                load.Begin(set);
            }

            Continue(set, ref last, $"generation {generation}");
            load.RunFor(TimeSpan.FromMilliseconds(100));
            Continue(set, ref last, $"generation {generation}, second reading");
            if (generation == handovers)
            {
                load.Finish();
                Continue(set, ref last, "the end");
                load.Compare(last);
                AssertCost(last);
                set.Withdraw();
                Rounds.Figure("monitors handed over", $"{handovers} times: {load.Figures}");
            }
        }
    });

    [Fact]
    public void Every_total_goes_on_while_programs_are_replaced() => UnderLoad((options, load) =>
    {
        using MonitorSet set = MonitorSet.Start(options);
        load.Begin(set);
        Dictionary<string, double> last = [];
        int reloads = Rounds.Of(20);
        for (int round = 0; round < reloads; round++)
        {
            foreach (MonitorSlot slot in set.Monitors.Where(static slot => slot.Monitor is not null))
            {
                BpfReload report = slot.Monitor!.HotReload(Again(slot.Monitor));
                Assert.All(report.Programs, program => Assert.True(program.Way is BpfReloadWay.Dispatched or BpfReloadWay.LinkUpdated or BpfReloadWay.Detached, $"{slot.Name}: {program}"));
            }

            Continue(set, ref last, $"reload {round}");
            load.RunFor(TimeSpan.FromMilliseconds(50));
        }

        load.Finish();
        Continue(set, ref last, "the end");
        load.Compare(last);
        AssertCost(last);
        set.Withdraw();
        Rounds.Figure("monitors reloaded", $"{reloads} times: {load.Figures}");
    });

    [Fact]
    public void Every_total_goes_on_over_sets_that_are_killed_at_any_time() => UnderLoad((options, load) =>
    {
        Assert.SkipWhen(Emulation.IsEmulated, "a runtime takes many seconds to start where a processor is emulated, and the machine's own kernel has shown it");
        using (MonitorSet first = MonitorSet.Start(options))
        {
            load.Begin(first);
        }

        int kills = Rounds.Of(50), begun = 0;
        var random = new Random(20261201);
        string[] command = OwnProcess.CommandOf(ReadUntilKilled);
        for (int kill = 0; kill < kills; kill++)
        {
            var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, Environment = { [Folder] = options.Handover!.Folder } };
            using Process set = Process.Start(start)!;

            // While it starts and takes over, and while it reads.
            if (kill % 3 == 0)
            {
                Thread.Sleep(random.Next(1500));
            }
            else
            {
                begun += set.StandardOutput.ReadLine() == "begun" ? 1 : 0;
                Thread.Sleep(random.Next(100));
            }

            set.Kill();
            string errors = set.StandardError.ReadToEnd();
            set.WaitForExit();
            Assert.True(set.ExitCode == 137, $"it has ended by itself, with {set.ExitCode}: {errors}");
            Rounds.Report("kills", kill + 1, kills);
        }

        using MonitorSet last = MonitorSet.Start(options);
        Assert.All(last.Monitors.Where(static slot => slot.Monitor is not null), static slot => Assert.True(slot.Monitor!.IsContinued, slot.Name));
        load.Finish();
        Dictionary<string, double> totals = [];
        Continue(last, ref totals, "the end");
        load.Compare(totals);
        last.Withdraw();
        Assert.Equal(kills - ((kills + 2) / 3), begun);
        Rounds.Figure("monitors killed", $"{kills} times, {begun} of them while they read: {load.Figures}");
    });

    // In a process of its own.
    internal static void ReadUntilKilled()
    {
        using MonitorSet set = MonitorSet.Start(new MonitorSetOptions
        {
            Handover = new BpfHandover(Environment.GetEnvironmentVariable(Folder)!) { Wait = TimeSpan.FromSeconds(10) }, SeriesLimit = 10_000, ByCGroup = true, MeasureCost = true,
        });
        for (bool isFirst = true; ; isFirst = false)
        {
            set.Read();
            if (isFirst)
            {
                Console.Out.WriteLine("begun");
                Console.Out.Flush();
            }
        }
    }

    [Fact]
    public void Two_sets_do_not_have_one_folder_and_the_first_goes_on() => Sandbox.WithBpfFileSystem(root =>
    {
        var options = new MonitorSetOptions { Names = ["cpu"], Handover = new BpfHandover(Path.Combine(root, "set")) };
        using MonitorSet first = MonitorSet.Start(options);
        Assert.Contains("is in use", Assert.ThrowsAny<BpfException>(() => MonitorSet.Start(options)).Message, StringComparison.Ordinal);

        // At least this thread leaves its CPU once.
        Thread.Sleep(1);
        first.Read();
        Assert.True(first.Monitors.Single().Reading is CpuReading { Total.Switches: > 0 });
        first.Withdraw();
        Assert.Throws<BpfException>(first.Withdraw);
    });

    [Fact]
    public void A_monitor_that_a_successor_leaves_out_is_continued_by_the_next_one() => Sandbox.WithBpfFileSystem(root =>
    {
        MonitorSetOptions Options(params string[] names) => new() { Names = names, Handover = new BpfHandover(Path.Combine(root, "set")) };
        Dictionary<string, double> last = [];
        using (MonitorSet both = MonitorSet.Start(Options("cpu", "process")))
        {
            Continue(both, ref last, "both");
        }

        using (MonitorSet one = MonitorSet.Start(Options("process")))
        {
            Continue(one, ref last, "one");
        }

        using MonitorSet again = MonitorSet.Start(Options("cpu", "process"));
        Assert.True(again.Monitors[0].Monitor!.IsContinued);
        Continue(again, ref last, "both again");
        again.Withdraw();
    });

    [Fact]
    public void What_a_predecessor_has_left_of_other_monitors_is_withdrawn_too() => Sandbox.WithBpfFileSystem(root =>
    {
        string folder = Path.Combine(root, "set");
        MonitorSet.Start(new MonitorSetOptions { Names = ["cpu", "process"], Handover = new BpfHandover(folder) }).Dispose();
        Assert.Equal(["cpu", "process", "totals"], Directory.GetDirectories(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        using MonitorSet one = MonitorSet.Start(new MonitorSetOptions { Names = ["process"], Handover = new BpfHandover(folder) });
        one.Withdraw();
        Assert.Empty(Directory.GetDirectories(folder));
    });

    [Fact]
    public void A_version_with_other_maps_is_refused_and_the_running_one_continues()
    {
        DiskMonitor monitor = Own(DiskMonitor.Start(new DiskMonitorOptions { Reloadable = true }));
        BpfObjectSpec next = Hypermesh.Bpf.Monitoring.Disk.DiskSkeleton.Open().Object;
        next.Map("disks").MaxEntries = 99;
        Assert.Contains("map 'disks' has 99 entries and had 4096", Assert.Throws<BpfException>(() => monitor.HotReload(next)).Message, StringComparison.Ordinal);
        monitor.Read(monitor.NewReading());
    }

    [Fact]
    public void Totals_of_another_format_are_refused_and_stay() => Sandbox.WithBpfFileSystem(root =>
    {
        var options = new MonitorSetOptions { Names = ["cpu"], Handover = new BpfHandover(Path.Combine(root, "set")) };
        using (MonitorSet.Start(options))
        {
            // Its state is that of the start.
        }

        string pages = Directory.GetFiles(Path.Combine(root, "set", "totals")).Single(static pin => Path.GetFileName(pin).StartsWith("map_", StringComparison.Ordinal));
        SetFormat(pages, 77);
        Assert.Contains("its format is 77", Assert.Throws<BpfException>(() => MonitorSet.Start(options)).Message, StringComparison.Ordinal);
        SetFormat(pages, 1);
        using MonitorSet next = MonitorSet.Start(options);
        Assert.True(next.Monitors[0].Monitor!.IsContinued);
        next.Withdraw();
    });

    // The first state is in the first half: a number, then the format.
    private static void SetFormat(string pin, int format)
    {
        using BpfMapHandle pages = BpfMapHandle.OpenPinned(pin);
        var map = new BpfArrayMap<Page>(pages);
        Page first = map[0];
        BitConverter.TryWriteBytes(MemoryMarshal.AsBytes(new Span<Page>(ref first))[sizeof(long)..], format);
        map[0] = first;
    }

    private static BpfObjectSpec Again(KernelMonitor monitor) => monitor switch
    {
        CpuMonitor => Hypermesh.Bpf.Monitoring.Cpu.CpuSkeleton.Open().Object,
        DiskMonitor => Hypermesh.Bpf.Monitoring.Disk.DiskSkeleton.Open().Object,
        NetworkMonitor => Hypermesh.Bpf.Monitoring.Network.NetworkSkeleton.Open().Object,
        TcpMonitor => Hypermesh.Bpf.Monitoring.Tcp.TcpSkeleton.Open().Object,
        MemoryMonitor => Hypermesh.Bpf.Monitoring.Memory.MemorySkeleton.Open().Object,
        ProcessMonitor => Hypermesh.Bpf.Monitoring.Processes.ProcessSkeleton.Open().Object,
        FileMonitor => Hypermesh.Bpf.Monitoring.Files.FileSkeleton.Open().Object,
        _ => Hypermesh.Bpf.Monitoring.Gpu.GpuSkeleton.Open().Object,
    };

    /// <summary>Reads, and compares with the reading before, which may be another process's: nothing has fallen or is gone, and the figures agree with the kernel's counters over the whole time between.</summary>
    private static void Continue(MonitorSet set, ref Dictionary<string, double> last, string when)
    {
        set.Read();
        foreach (MonitorSlot slot in set.Monitors.Where(static slot => slot.Monitor is not null))
        {
            Assert.All(slot.Reading!.GroundTruths, truth => Assert.True(Holds(truth, slot.Reading), $"{when}: {slot.Name}: {truth}"));
            Assert.DoesNotContain(slot.Reading!.Hooks, static hook => hook.State == HookState.Blind);
        }

        Dictionary<string, double> now = Exported(set);
        foreach ((string series, double value) in last)
        {
            Assert.True(now.TryGetValue(series, out double next), $"{when}: {series} was {value} and is gone");
            Assert.True(next >= value, $"{when}: {series} was {value} and is {next}");
        }

        last = now;
    }

    // The dispatchers run in place of the programs, and their time is that of their monitor. Without a GPU and a shortage of memory, those two may have run nothing.
    private static void AssertCost(Dictionary<string, double> totals)
        => Assert.All((string[])["cpu", "network", "tcp", "disk", "process", "file"], name => Assert.True(totals.GetValueOrDefault($"bpf_program_runs_total{{hypermesh_monitor=\"{name}\"}}") > 0, $"{name}: {string.Join(", ", totals.Where(static one => one.Key.Contains("runs", StringComparison.Ordinal)))}"));

    // This machine's kernel runs no program while a certain task is current. The run queues have numbered the switches of that time; of requests, the load's witness says how many a program sees.
    private static bool Holds(in GroundTruth truth, MonitorReading reading) => truth.Holds || (truth.Measured < truth.Low && reading switch
    {
        CpuReading cpu => truth.Measured + cpu.Total.Unseen + (ulong)truth.InFlight >= truth.Low,
        _ => reading is DiskReading,
    });

    // Counters, and the counts and sums of histograms.
    private static Dictionary<string, double> Exported(MonitorSet set)
    {
        var output = new ArrayBufferWriter<byte>();
        set.WritePrometheus(output);
        var counters = new Dictionary<string, double>(StringComparer.Ordinal);
        string type = "";
        foreach (string line in Encoding.UTF8.GetString(output.WrittenSpan).Split('\n'))
        {
            if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
            {
                type = line[(line.LastIndexOf(' ') + 1)..];
            }
            else if (line.Length > 0 && line[0] != '#' && type is "counter" or "histogram")
            {
                int blank = line.LastIndexOf(' ');
                counters[line[..blank]] = double.Parse(line[(blank + 1)..], CultureInfo.InvariantCulture);
            }
        }

        return counters;
    }

    private static void UnderLoad(Action<MonitorSetOptions, Load> test) => Sandbox.WithTracing(() => Sandbox.WithBpfFileSystem(root =>
    {
        using var network = new PrivateNetwork();
        using var disk = new LoopDisk();
        network.Run(() =>
        {
            using var load = new Load(disk);
            test(new MonitorSetOptions { Handover = new BpfHandover(Path.Combine(root, "set")), SeriesLimit = 10_000, ByCGroup = true, MeasureCost = true }, load);
        });
    }));

    [StructLayout(LayoutKind.Sequential, Size = 4096)]
    private struct Page;

    /// <summary>Opens, requests of a disk, connections and processes, in known numbers, until it is finished.</summary>
    private sealed partial class Load(LoopDisk disk) : IDisposable
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("hm-load-").FullName;
        private readonly CancellationTokenSource _stop = new();

        // A monitor that nobody replaces.
        private readonly DiskMonitor _witness = DiskMonitor.Start();
        private Thread? _thread;
        private long _rounds;
        private Dictionary<string, double> _start = [];
        private (ulong Before, ulong After) _startSwitches;
        private ulong _endSwitches;
        private (ulong Received, ulong Transmitted) _startPackets;
        private Exception? _failed;

        internal string Figures { get; private set; } = "";

        internal void Begin(MonitorSet set)
        {
            // What monitors send to themselves when they start is not of the load.
            ulong before = Ctxt();
            set.Read();
            (_start, _startSwitches, _startPackets) = (Exported(set), (before, Ctxt()), Packets());
            File.CreateSymbolicLink(Path.Combine(_folder, "loop"), "loop");

            // In the namespaces of the thread that starts it.
            _thread = new Thread(Run);
            _thread.Start();
        }

        internal void RunFor(TimeSpan time)
        {
            long until = Volatile.Read(ref _rounds) + 1;
            Thread.Sleep(time);
            Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref _rounds) >= until || _failed is not null, TimeSpan.FromSeconds(60)) && _failed is null, $"{_failed}");
        }

        internal void Finish()
        {
            _stop.Cancel();
            _thread!.Join();
            Assert.Null(_failed);
            _endSwitches = Ctxt();
        }

        /// <summary>Compares the totals with what was done.</summary>
        internal void Compare(Dictionary<string, double> totals)
        {
            double Of(string series)
            {
                Assert.True(totals.TryGetValue(series, out double value), $"there is no {series}; there are {string.Join("\n", totals.Keys)}");
                return value - _start.GetValueOrDefault(series);
            }

            (ulong received, ulong transmitted) = Packets();
            double seen = totals.Keys.Where(static key => key.StartsWith(Switches, StringComparison.Ordinal)).Sum(Of);
            (ulong low, ulong high) = (_endSwitches - _startSwitches.After, Ctxt() - _startSwitches.Before);
            DiskReading witnessed = _witness.NewReading();
            _witness.Read(witnessed);
            DiskOperationFigures writes = witnessed.Find(disk.Name)![DiskOperation.Write];
            Figures = string.Create(CultureInfo.InvariantCulture, $"{_rounds} rounds of opens, writes, connections and processes, {writes.Count} writes as the witness, {seen} switches, {low} to {high} by the kernel");
            string write = $"system_device=\"{disk.Name}\",disk_io_direction=\"write\"";
            Assert.Equal(_rounds, Of(Loops));
            Assert.Equal(writes.Count, Of($"hypermesh_system_disk_operations_total{{{write}}}"));
            Assert.Equal(writes.Bytes, Of($"hypermesh_system_disk_io_bytes_total{{{write}}}"));
            Assert.InRange(writes.Count, _rounds * 0.98, _rounds);
            Assert.Equal(received - _startPackets.Received, Of("hypermesh_system_network_packet_count_total{network_interface_name=\"lo\",network_io_direction=\"receive\"}"));
            Assert.Equal(transmitted - _startPackets.Transmitted, Of("hypermesh_system_network_packet_count_total{network_interface_name=\"lo\",network_io_direction=\"transmit\"}"));
            Assert.True(Of("hypermesh_process_execs_total") >= _rounds && Of("hypermesh_tcp_connection_duration_seconds_count{network_io_direction=\"out\",network_type=\"ipv4\"}") >= _rounds);
            Assert.InRange(seen, low * 0.99, high * 1.01);
        }

        public void Dispose()
        {
            _stop.Cancel();
            _thread?.Join();
            _stop.Dispose();
            _witness.Dispose();
            Directory.Delete(_folder, recursive: true);
        }

        private void Run()
        {
            try
            {
                string loop = Path.Combine(_folder, "loop");
                while (!_stop.IsCancellationRequested)
                {
                    Assert.Equal(-1, Open(loop, 0, 0));
                    Assert.Equal(0, disk.Write(1));
                    (RawSocket client, RawSocket server) = Stimuli.Connection();
                    client.Dispose();
                    server.Dispose();
                    using Process process = Process.Start("/bin/true");
                    process.WaitForExit();
                    Interlocked.Increment(ref _rounds);
                }
            }
            catch (Exception failure)
            {
                _failed = failure;
            }
        }

        private static ulong Ctxt() => ulong.Parse(File.ReadLines("/proc/stat").Single(static line => line.StartsWith("ctxt ", StringComparison.Ordinal))[5..], CultureInfo.InvariantCulture);

        // Of the loopback device in this thread's namespace.
        private static (ulong Received, ulong Transmitted) Packets()
        {
            string[] fields = File.ReadLines("/proc/thread-self/net/dev").Single(static line => line.TrimStart().StartsWith("lo:", StringComparison.Ordinal)).Split(':')[1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return (ulong.Parse(fields[1], CultureInfo.InvariantCulture), ulong.Parse(fields[9], CultureInfo.InvariantCulture));
        }

        [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
        private static partial int Open(string path, int flags, int mode);
    }
}
