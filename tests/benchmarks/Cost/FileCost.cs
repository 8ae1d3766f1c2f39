using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Hypermesh.Bpf.Monitoring;
using Hypermesh.Bpf.Monitoring.Hooks;

namespace Hypermesh.Bpf.Benchmarks.Cost;

/// <summary>
/// The run time of the file monitor's programs for each opened file, beside that of Debian's opensnoop (libbpf-tools) in the same run; and what each way of attaching adds to a system call that is
/// not counted. opensnoop needs tracefs.
/// </summary>
internal static partial class FileCost
{
    private static readonly HookFacts s_classic = new(HasTraceFs: true, IsPreemptible: false);
    private static readonly HookFacts s_typed = new(HasTraceFs: false, IsPreemptible: false);

    internal static int Run(int seconds)
    {
        Console.WriteLine($"{"monitor",-22}{"opens",10}{"ours ns",10}{"opensnoop ns",14}{"ratio",8}");
        Measure("counts, tracepoints", new FileMonitorOptions { MeasureCost = true, Facts = s_classic }, seconds);
        Measure("counts, tp_btf", new FileMonitorOptions { MeasureCost = true, Facts = s_typed }, seconds);
        double classicEvents = Measure("events, tracepoints", new FileMonitorOptions { MeasureCost = true, Facts = s_classic, Events = true, ProcessId = Environment.ProcessId }, seconds);
        double typedEvents = Measure("events, tp_btf", new FileMonitorOptions { MeasureCost = true, Facts = s_typed, Events = true, ProcessId = Environment.ProcessId }, seconds);
        double none = OtherCall(), classic = OtherCall(s_classic), typed = OtherCall(s_typed);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"getppid: {none:F0} ns; with tracepoints {classic:F0} ns, with tp_btf {typed:F0} ns"));
        Bound.AtMost(0.6, Math.Max(classicEvents, typedEvents), "file monitor, time for an open with its event, of opensnoop's");
        return Bound.ExitCode;
    }

    private static unsafe double Measure(string what, FileMonitorOptions options, int seconds)
    {
        uint[] others = [.. ProgramTimes.Read().Keys];
        using FileMonitor monitor = FileMonitor.Start(options);
        uint[] ours = [.. ProgramTimes.Read().Keys.Except(others)];
        using var end = new CancellationTokenSource();
        Task reader = options.Events ? Read(monitor, end.Token) : Task.CompletedTask;
        using PeerTool opensnoop = PeerTool.Start("opensnoop", [], programs: 2);
        FileReading reading = monitor.NewReading();
        monitor.Read(reading);
        Dictionary<uint, ulong> before = ProgramTimes.Read();
        byte* path = stackalloc byte[] { (byte)'/', (byte)'n', (byte)'o', (byte)'n', (byte)'e', 0 };
        for (long began = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(began).TotalSeconds < seconds;)
        {
            for (int i = 0; i < 100; i++)
            {
                _ = Open(path, 0);
            }
        }

        Dictionary<uint, ulong> after = ProgramTimes.Read();
        monitor.Read(reading);
        end.Cancel();
        reader.Wait();
        ulong opens = reading.Of(FileOperation.Open, FileWay.SystemCall).Count;
        double our = (double)ProgramTimes.Sum(before, after, ours) / opens, their = (double)ProgramTimes.Sum(before, after, opensnoop.Programs) / opens;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-22}{opens,10}{our,10:F0}{their,14:F0}{our / their,8:F2}"));
        return our / their;
    }

    /// <summary>The nanoseconds of a system call that is not counted: the least of many rounds.</summary>
    private static double OtherCall(HookFacts? facts = null)
    {
        const int calls = 10_000;
        using FileMonitor? monitor = facts is null ? null : FileMonitor.Start(new FileMonitorOptions { Facts = facts });
        TimeSpan least = TimeSpan.MaxValue;
        for (int round = 0; round < 500; round++)
        {
            long began = Stopwatch.GetTimestamp();
            for (int i = 0; i < calls; i++)
            {
                _ = GetParent();
            }

            TimeSpan took = Stopwatch.GetElapsedTime(began);
            least = took < least ? took : least;
        }

        return least.TotalNanoseconds / calls;
    }

    private static async Task Read(FileMonitor monitor, CancellationToken end)
    {
        try
        {
            await foreach (FileEvent _ in monitor.ReadAllAsync(end).ConfigureAwait(false))
            {
                // The reader keeps up as far as it can.
            }
        }
        catch (OperationCanceledException)
        {
            // The end of the measurement.
        }
    }

    [LibraryImport("libc", EntryPoint = "open")]
    private static unsafe partial int Open(byte* path, int flags);

    [LibraryImport("libc", EntryPoint = "getppid")]
    private static partial int GetParent();
}
