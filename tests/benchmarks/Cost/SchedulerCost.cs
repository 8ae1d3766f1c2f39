using System.Globalization;
using Hypermesh.Bpf.Monitoring;

namespace Hypermesh.Bpf.Benchmarks.Cost;

/// <summary>
/// The run time of the CPU monitor's programs for each context switch, beside that of Debian's runqlat (libbpf-tools) in the same run: both are attached
/// to the same switches, so the machine's noise falls on both.
/// </summary>
internal static class SchedulerCost
{
    internal static int Run(int seconds)
    {
        Dictionary<uint, ulong> others = ProgramTimes.Read();
        using CpuMonitor monitor = CpuMonitor.Start(new CpuMonitorOptions { MeasureCost = true });
        uint[] ours = [.. ProgramTimes.Read().Keys.Except(others.Keys)];
        using PeerTool runqlat = PeerTool.Start("runqlat", ["100000", "1"], programs: 3);
        Console.WriteLine($"{"load",-12}{"switches",12}{"ours ns",10}{"runqlat ns",12}{"ratio",8}");
        double one = Measure("ping-pong 1", pairs: 1, seconds, ours, runqlat.Programs), four = Measure("ping-pong 4", pairs: 4, seconds, ours, runqlat.Programs);
        Measure("idle", pairs: 0, seconds, ours, runqlat.Programs);
        Bound.AtMost(0.4, Math.Max(one, four), "CPU monitor, time for a switch under load, of runqlat's");
        return Bound.ExitCode;
    }

    private static double Measure(string load, int pairs, int seconds, uint[] ours, uint[] theirs)
    {
        using var work = new SwitchLoad(pairs);
        Thread.Sleep(500);
        Dictionary<uint, ulong> before = ProgramTimes.Read();
        ulong switches = Switches();
        Thread.Sleep(TimeSpan.FromSeconds(seconds));
        Dictionary<uint, ulong> after = ProgramTimes.Read();
        switches = Switches() - switches;
        double our = (double)ProgramTimes.Sum(before, after, ours) / switches;
        double their = (double)ProgramTimes.Sum(before, after, theirs) / switches;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{load,-12}{switches,12}{our,10:F0}{their,12:F0}{our / their,8:F2}"));
        return our / their;
    }

    private static ulong Switches()
        => ulong.Parse(File.ReadLines("/proc/stat").First(static line => line.StartsWith("ctxt ", StringComparison.Ordinal)).AsSpan(5), CultureInfo.InvariantCulture);
}
