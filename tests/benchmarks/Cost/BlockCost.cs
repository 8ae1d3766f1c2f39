using System.Globalization;
using Hypermesh.Bpf.Monitoring;

namespace Hypermesh.Bpf.Benchmarks.Cost;

/// <summary>
/// The run time of the disk monitor's programs for each request, beside that of Debian's biolatency (libbpf-tools, per disk and operation) in the same run: both are attached to the same
/// requests of a loop device of its own, so the machine's noise falls on both. The counts of both are compared with /proc/diskstats.
/// </summary>
internal static class BlockCost
{
    internal static int Run(int rounds)
    {
        Dictionary<uint, ulong> others = ProgramTimes.Read();
        using DiskMonitor monitor = DiskMonitor.Start(new DiskMonitorOptions { MeasureCost = true });
        DiskReading reading = monitor.NewReading();
        uint[] ours = [.. ProgramTimes.Read().Keys.Except(others.Keys)];
        using var device = new LoopDevice("/dev/shm/hypermesh-block-cost");
        using PeerTool biolatency = PeerTool.Start("biolatency", ["-D", "-F", "100000", "1"], programs: 2);
        Console.WriteLine($"{"requests",12}{"seen",12}{"ours ns",10}{"biolatency ns",15}{"ratio",8}");
        double[] ratios = new double[rounds];
        for (int i = 0; i < rounds; i++)
        {
            monitor.Read(reading);
            ratios[i] = Measure(device.Path, monitor, reading, ours, biolatency.Programs);
        }

        Bound.AtMost(0.6, Median.Of(ratios), "disk monitor, time for a request, of biolatency's");
        return Bound.ExitCode;
    }

    private static double Measure(string device, DiskMonitor monitor, DiskReading reading, uint[] ours, uint[] theirs)
    {
        string name = Path.GetFileName(device);
        Dictionary<uint, ulong> before = ProgramTimes.Read();
        ulong requests = Requests(name);
        Shell.Run($"fio --name=read --filename={device} --direct=1 --ioengine=psync --rw=randread --bs=4k --iodepth=1 --loops=5 --output-format=terse");
        Dictionary<uint, ulong> after = ProgramTimes.Read();
        requests = Requests(name) - requests;
        monitor.Read(reading);
        double our = (double)ProgramTimes.Sum(before, after, ours) / requests, their = (double)ProgramTimes.Sum(before, after, theirs) / requests;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{requests,12}{reading.Find(name)?.Count,12}{our,10:F0}{their,15:F0}{our / their,8:F2}"));
        return our / their;
    }

    private static ulong Requests(string name)
        => ulong.Parse(File.ReadLines("/proc/diskstats").Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).First(line => line[2] == name)[3], CultureInfo.InvariantCulture);
}
