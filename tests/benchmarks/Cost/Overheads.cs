using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Hypermesh.Bpf.Testing;

namespace Hypermesh.Bpf.Benchmarks.Cost;

/// <summary>
/// What hooks, maps and events cost, as the tables of docs/guides/overhead.md: each figure is the minimum of many short rounds with the program or operation, minus the minimum of as
/// many rounds without it; the rounds alternate. Other work on the machine can only make a round longer, and rounds shorter than a scheduler's time slice may be free of it.
/// </summary>
internal static partial class Overheads
{
    private const int Turns = 10;
    private const int Rounds = 50;
    private const int Calls = 1000;
    private const int Steps = 1000;
    private const int Packets = 100;

    // In the order of the C.
    private static readonly string[] s_operations =
    [
        "", "a global variable, `++`", "a global variable, `__atomic_fetch_add`", "array: look up and add", "per-CPU array: look up and add", "hash: look up and add",
        "per-CPU hash: look up and add", "hash: update", "LRU hash: update, new keys", "LPM trie of 1,000 entries: look up and add", "task storage: get and add",
        "ring buffer: `bpf_ringbuf_reserve` and `submit`, 64 bytes", "ring buffer: `bpf_ringbuf_output`, 64 bytes", "`bpf_ktime_get_ns`", "`bpf_get_current_comm`",
    ];

    internal static int Run()
    {
        Console.WriteLine($"Linux {File.ReadAllText("/proc/sys/kernel/osrelease").Trim()}, {Processor()}, {Environment.ProcessorCount} CPUs, "
            + $"{DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}, load average {File.ReadAllText("/proc/loadavg").Split(' ')[0]} when it began.");
        Hooks();
        Devices();
        Programs();
        Readers();
        return 0;
    }

    private static void Hooks()
    {
        Head("hook, with a program that does nothing", "added to each call");
        Hook("`tp_btf/sys_enter`", static spec => spec.Programs.OnTypedTracepoint.Enabled = true, static live => live.Programs.OnTypedTracepoint.Attach());
        Hook("`raw_tp/sys_enter`", static spec => spec.Programs.OnRawTracepoint.Enabled = true, static live => live.Programs.OnRawTracepoint.Attach());
        Hook("`tracepoint/syscalls/sys_enter_getppid`", static spec => spec.Programs.OnTracepoint.Enabled = true, static live => live.Programs.OnTracepoint.Attach());
        Hook("`fentry/__x64_sys_getppid`", static spec => spec.Programs.OnEntry.Enabled = true, static live => live.Programs.OnEntry.Attach());
        Hook("`fexit/__x64_sys_getppid`", static spec => spec.Programs.OnExit.Enabled = true, static live => live.Programs.OnExit.Attach());
        Hook("`kprobe/__x64_sys_getppid`", static spec => spec.Programs.OnProbe.Enabled = true, static live => live.Programs.OnProbe.Attach());
        Hook("`kretprobe/__x64_sys_getppid`", static spec => spec.Programs.OnReturnProbe.Enabled = true, static live => live.Programs.OnReturnProbe.Attach());
        Hook("`kprobe.multi/__x64_sys_getppid`", static spec => spec.Programs.OnManyProbes.Enabled = true, static live => live.Programs.OnManyProbes.Attach());
        Hook("`uprobe/libc.so.6:getppid`", static spec => spec.Programs.OnUserProbe.Enabled = true, static live => live.Programs.OnUserProbe.Attach());
        Hook("`uretprobe/libc.so.6:getppid`", static spec => spec.Programs.OnUserReturnProbe.Enabled = true, static live => live.Programs.OnUserReturnProbe.Attach());
        Hook("`tp_btf/sys_enter`, run statistics switched on", static spec => spec.Programs.OnTypedTracepoint.Enabled = true, static live => live.Programs.OnTypedTracepoint.Attach(), withStatistics: true);
    }

    private static void Hook(string what, Action<Overhead.Spec> enable, Func<Overhead, BpfProgramLink> attach, bool withStatistics = false)
    {
        try
        {
            using Overhead live = Overhead.Open(enable).Load();
            using IDisposable? statistics = withStatistics ? BpfStatistics.Enable() : null;
            Row(what, Difference(CallMany, () => attach(live)) / Calls);
        }
        catch (BpfSyscallException refused) when (refused is BpfFeatureNotSupportedException or BpfPermissionException)
        {
            Absent(what, refused);
        }
    }

    private static void Devices()
    {
        Head("network hook, with a program that does nothing", "added to each packet");
        using var network = new PrivateNetworkPair();
        Device("`xdp` on a veth device, generic", static spec => spec.Programs.OnPacket.Enabled = true, static live => live.Programs.OnPacket.Attach(NetworkDevice.FromName("veth0"), XdpMode.Generic));
        Device("`xdp` on a veth device, native", static spec => spec.Programs.OnPacket.Enabled = true, static live => live.Programs.OnPacket.Attach(NetworkDevice.FromName("veth0"), XdpMode.Native));
        Device("`tcx/ingress` on a veth device", static spec => spec.Programs.OnIngress.Enabled = true, static live => live.Programs.OnIngress.Attach(NetworkDevice.FromName("veth0")));

        void Device(string what, Action<Overhead.Spec> enable, Func<Overhead, BpfProgramLink> attach)
        {
            try
            {
                using Overhead live = network.Near.Run(() => Overhead.Open(enable).Load());
                Row(what, Difference(() => network.Far.Run(SendMany), () => network.Near.Run(() => attach(live))) / Packets);
            }
            catch (BpfSyscallException refused) when (refused is BpfFeatureNotSupportedException or BpfPermissionException)
            {
                Absent(what, refused);
            }
        }
    }

    private static void Programs()
    {
        Head("within a program", "each");
        using Overhead live = Overhead.Open(static spec => spec.Programs.Measure.Enabled = spec.Programs.PerfOutput.Enabled = true).Load();
        for (uint key = 0; key < 1024; key++)
        {
            live.Maps.Hash[key] = 1;
            live.Maps.PercpuHash[key] = PerCpu<ulong>.Allocate();
            if (key < 1000)
            {
                live.Maps.Trie[new Overhead.Address { Length = 32, Bytes = key }] = 1;
            }
        }

        double loop = Least(() => Measure(live, 0)) / Steps;
        for (int operation = 1; operation < s_operations.Length; operation++)
        {
            Row(s_operations[operation], (Least(() =>
            {
                ulong took = Measure(live, (uint)operation);
                live.Maps.Ring.Consume(static (ref readonly Overhead.Record _) => { });
                return took;
            }) / Steps) - loop);
        }

        PerfBuffer(live, "perf buffer: `bpf_perf_event_output`, 64 bytes, a wake-up for each", wakeUp: 1);
        PerfBuffer(live, "perf buffer: `bpf_perf_event_output`, 64 bytes, a wake-up for 1,000", wakeUp: 1000);
        Row("the step of `bpf_loop` that was taken off the others", loop);
    }

    private static void PerfBuffer(Overhead live, string what, int wakeUp)
    {
        using BpfPerfBuffer buffer = live.Maps.Perf.OpenBuffer(new BpfPerfBufferOptions { PagesPerCpu = 64, WakeupRecords = wakeUp });
        Row(what, Least(() =>
        {
            (ulong, ulong) arguments = default;
            live.Programs.PerfOutput.TestRun(ref arguments);
            buffer.Consume(static (_, _) => { });
            return live.Globals.PerfNs;
        }) / 1000.0);
    }

    private static void Readers()
    {
        Head("in C#", "each");
        using Overhead live = Overhead.Open(static spec => spec.Programs.Measure.Enabled = true).Load();
        for (uint key = 0; key < 10_000; key++)
        {
            live.Maps.Hash[key] = key;
        }

        ulong sum = 0;
        uint next = 0;
        Row("a global variable", Time(() => sum += live.Globals.Global, Steps));
        Row("an entry of a hash, by a look-up", Time(() => sum += live.Maps.Hash[next++ % 10_000], Steps));
        Row("an entry of a per-CPU array, all CPUs, `Sum()`", Time(() => sum += live.Maps.PercpuArray[7].Sum(), Steps));
        var batch = new BpfMapBatch<uint, ulong>();
        Row("an entry of a hash of 10,000, in a batch", Time(() => live.Maps.Hash.Read(batch), 1) / 10_000);
        Row("a record of 64 bytes of a ring buffer, by `Consume`", Least(() =>
        {
            Measure(live, 11);
            long start = Stopwatch.GetTimestamp();
            live.Maps.Ring.Consume((ref readonly Overhead.Record record) => sum += record.Number);
            return (ulong)Stopwatch.GetElapsedTime(start).TotalNanoseconds;
        }) / Steps);
        GC.KeepAlive(sum);
    }

    private static ulong Measure(Overhead live, uint operation)
    {
        live.Globals.Operation = operation;
        live.Globals.Count = Steps;
        (ulong, ulong) arguments = default;
        return live.Programs.Measure.TestRun(ref arguments).ReturnValue == 0 ? live.Globals.ElapsedNs : throw new InvalidOperationException($"There is no operation {operation} in the C.");
    }

    private static double Time(Action action, int times) => Least(() =>
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < times; i++)
        {
            action();
        }

        return (ulong)Stopwatch.GetElapsedTime(start).TotalNanoseconds;
    }) / times;

    private static double Least(Func<ulong> round)
    {
        ulong least = ulong.MaxValue;
        for (int i = 0; i < Turns * Rounds; i++)
        {
            least = Math.Min(least, round());
        }

        return least;
    }

    // Nanoseconds of a round with the program attached, minus those of a round without it.
    private static double Difference(Action round, Func<BpfProgramLink> attach)
    {
        double without = double.MaxValue, with = double.MaxValue;
        for (int turn = 0; turn < Turns; turn++)
        {
            without = Math.Min(without, LeastTime(round));
            using BpfProgramLink link = attach();
            with = Math.Min(with, LeastTime(round));
        }

        return with - without;
    }

    private static double LeastTime(Action round)
    {
        double least = double.MaxValue;
        for (int i = 0; i < Rounds; i++)
        {
            least = Math.Min(least, Time(round));
        }

        return least;
    }

    private static double Time(Action round)
    {
        long start = Stopwatch.GetTimestamp();
        round();
        return Stopwatch.GetElapsedTime(start).TotalNanoseconds;
    }

    private static void CallMany()
    {
        for (int i = 0; i < Calls; i++)
        {
            GetParent();
        }
    }

    private static void SendMany()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        byte[] data = new byte[64];
        SocketAddress address = new IPEndPoint(IPAddress.Parse("192.0.2.1"), 9).Serialize();
        for (int i = 0; i < Packets; i++)
        {
            socket.SendTo(data, SocketFlags.None, address);
        }
    }

    private static string Processor()
        => File.ReadLines("/proc/cpuinfo").FirstOrDefault(static line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? RuntimeInformation.OSArchitecture.ToString();

    private static void Head(string what, string unit) => Console.WriteLine($"\n| {what} | {unit} |\n|---|---|");

    private static void Row(string what, double nanoseconds) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {what} | {nanoseconds:F0} ns |"));

    private static void Absent(string what, BpfSyscallException refused)
        => Console.WriteLine($"| {what} | not on this kernel: {(refused is BpfPermissionException ? "refused by its policy" : "absent")} |");

    [LibraryImport("libc", EntryPoint = "getppid")]
    [SuppressGCTransition]
    private static partial int GetParent();
}
