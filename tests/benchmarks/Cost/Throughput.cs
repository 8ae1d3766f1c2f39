using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Hypermesh.Bpf.Monitoring;

namespace Hypermesh.Bpf.Benchmarks.Cost;

/// <summary>
/// What loads still reach while all monitors run and are read once a second, divided by what they reach without: <c>perf bench sched pipe</c>, fio with blocks of 4 KiB on a loop device,
/// iperf3 over the loopback. Runs with and without follow each other, so that the machine's noise falls on both.
/// </summary>
internal static class Throughput
{
    private const int Port = 19437;

    private static readonly (string Name, string Unit, Func<string, double> Run)[] s_loads =
    [
        ("perf bench sched pipe", "op/s", static _ => SchedulerPipe("")),
        ("perf bench sched pipe on one CPU", "op/s", static _ => SchedulerPipe("taskset -c 0 ")),
        ("fio 4k randread", "op/s", Fio),
        ("iperf3", "bit/s", static _ => Iperf()),
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
            Console.WriteLine($"{"load",-24}{"without",14}{"all monitors",16}{"ratio",8}");
            foreach ((string name, string unit, Func<string, double> run) in s_loads)
            {
                Compare(name, unit, () => run(device.Path), rounds);
            }

            return Bound.ExitCode;
        }
        finally
        {
            server.Kill();
            server.WaitForExit();
        }
    }

    private static void Compare(string name, string unit, Func<double> run, int rounds)
    {
        double[] without = new double[rounds], with = new double[rounds];
        run();
        for (int round = 0; round < rounds; round++)
        {
            without[round] = run();
            using MonitorSet monitors = MonitorSet.Start();
            using var reader = new Timer(_ => monitors.Read(), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
            with[round] = run();
            using var ended = new ManualResetEvent(false);
            reader.Dispose(ended);
            ended.WaitOne();
            if (round == 0)
            {
                monitors.Read();
                Console.WriteLine("running: " + string.Join(", ", monitors.Monitors.Select(static slot => $"{slot.Name} {slot.Condition}")));
            }
        }

        double before = Median.Of(without), after = Median.Of(with);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-24}{before,14:G5}{after,16:G5}{after / before,8:F3}  {unit}, medians of {rounds}"));
        Bound.AtLeast(0.97, after / before, $"{name} with all monitors, of its rate without");
    }

    private static double SchedulerPipe(string where)
    {
        string line = Shell.Run(where + "perf bench sched pipe -l 200000").Split('\n').Single(static line => line.EndsWith("ops/sec", StringComparison.Ordinal));
        return double.Parse(line.Trim().Split(' ')[0], CultureInfo.InvariantCulture);
    }

    private static double Fio(string device)
        => Json(Shell.Run($"fio --name=read --filename={device} --direct=1 --ioengine=psync --rw=randread --bs=4k --iodepth=1 --time_based --runtime=3 --output-format=json"))
            .GetProperty("jobs")[0].GetProperty("read").GetProperty("iops").GetDouble();

    private static double Iperf()
        => Json(Shell.Run($"iperf3 -c 127.0.0.1 -p {Port} -t 3 --json")).GetProperty("end").GetProperty("sum_received").GetProperty("bits_per_second").GetDouble();

    private static JsonElement Json(string output)
    {
        using JsonDocument document = JsonDocument.Parse(output[output.IndexOf('{', StringComparison.Ordinal)..]);
        return document.RootElement.Clone();
    }
}
