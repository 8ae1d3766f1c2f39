using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Hypermesh.Bpf.Monitoring;
using Hypermesh.Bpf.Tests.Kernel.Support;

namespace Hypermesh.Bpf.Benchmarks.Cost;

/// <summary>
/// What loads still reach while all monitors run and are read once a second, divided by what they reach without: <c>perf bench sched pipe</c>, fio with blocks of 4 KiB on the machine's disk and
/// on a loop device in memory, iperf3 over the loopback. The runs follow each other, so that the machine's noise falls on all. "Hooks alone" are the same programs with their body replaced by a return: what the kernel
/// takes to call them, which no monitor on these hooks can be below.
/// </summary>
internal static class Throughput
{
    private const int Port = 19437;
    private const string DiskFile = "/var/tmp/hypermesh-throughput";

    // On one CPU, the pipe's two tasks do nothing but switch: there the hooks alone, with empty programs, take more than the bound leaves (10 % of 5 us on Linux 6.18), so the figure is only stated.
    private static readonly (string Name, string Unit, double? Least, Func<string, double> Run)[] s_loads =
    [
        ("perf bench sched pipe", "op/s", 0.97, static _ => SchedulerPipe("")),
        ("perf bench sched pipe on one CPU", "op/s", null, static _ => SchedulerPipe("taskset -c 0 ")),
        ("fio 4k randread, disk", "op/s", 0.97, static _ => Fio($"{DiskFile} --size=256m")),
        ("fio 4k randread, loop in memory", "op/s", 0.97, Fio),
        ("iperf3", "bit/s", 0.97, static _ => Iperf()),
    ];

    internal static int Run(int rounds)
    {
        using var device = new LoopDevice("/dev/shm/hypermesh-throughput");
        using Process server = Process.Start(new ProcessStartInfo("setpriv", ["--pdeathsig", "KILL", "iperf3", "-s", "-B", "127.0.0.1", "-p", $"{Port}"]) { RedirectStandardOutput = true })!;
        server.OutputDataReceived += static (_, _) => { };
        server.BeginOutputReadLine();
        try
        {
            Thread.Sleep(500);
            Console.WriteLine($"{"load",-34}{"without",12}{"hooks alone",14}{"ratio",8}{"all monitors",15}{"ratio",8}");
            foreach ((string name, string unit, double? least, Func<string, double> run) in s_loads)
            {
                Compare(name, unit, least, () => run(device.Path), rounds);
            }

            return Bound.ExitCode;
        }
        finally
        {
            File.Delete(DiskFile);
            server.Kill();
            server.WaitForExit();
        }
    }

    private static void Compare(string name, string unit, double? least, Func<double> run, int rounds)
    {
        double[] without = new double[rounds], hooks = new double[rounds], with = new double[rounds];
        run();
        for (int round = 0; round < rounds; round++)
        {
            without[round] = run();
            using (MonitorSet.Start(new MonitorSetOptions { Load = HollowKernel.Load() }))
            {
                hooks[round] = run();
            }

            with[round] = WithMonitors(run, says: round == 0);
        }

        double before = Median.Of(without), called = Median.Of(hooks), after = Median.Of(with);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-34}{before,12:G5}{called,14:G5}{called / before,8:F3}{after,15:G5}{after / before,8:F3}  {unit}, medians of {rounds}"));
        if (least is { } bound)
        {
            Bound.AtLeast(bound, after / before, $"{name} with all monitors, of its rate without");
        }
    }

    private static double WithMonitors(Func<double> run, bool says)
    {
        using MonitorSet monitors = MonitorSet.Start();
        using var reader = new Timer(_ => monitors.Read(), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        double rate = run();
        using var ended = new ManualResetEvent(false);
        reader.Dispose(ended);
        ended.WaitOne();
        if (says)
        {
            monitors.Read();
            Console.WriteLine("running: " + string.Join(", ", monitors.Monitors.Select(static slot => $"{slot.Name} {slot.Condition}")));
        }

        return rate;
    }

    private static double SchedulerPipe(string where)
    {
        string line = Shell.Run(where + "perf bench sched pipe -l 200000").Split('\n').Single(static line => line.EndsWith("ops/sec", StringComparison.Ordinal));
        return double.Parse(line.Trim().Split(' ')[0], CultureInfo.InvariantCulture);
    }

    private static double Fio(string file)
        => Json(Shell.Run($"fio --name=read --filename={file} --direct=1 --ioengine=psync --rw=randread --bs=4k --iodepth=1 --time_based --runtime=3 --output-format=json"))
            .GetProperty("jobs")[0].GetProperty("read").GetProperty("iops").GetDouble();

    private static double Iperf()
        => Json(Shell.Run($"iperf3 -c 127.0.0.1 -p {Port} -t 3 --json")).GetProperty("end").GetProperty("sum_received").GetProperty("bits_per_second").GetDouble();

    private static JsonElement Json(string output)
    {
        using JsonDocument document = JsonDocument.Parse(output[output.IndexOf('{', StringComparison.Ordinal)..]);
        return document.RootElement.Clone();
    }
}
