using System.Diagnostics;
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
        using Process runqlat = Process.Start(new ProcessStartInfo("runqlat", ["100000", "1"]) { RedirectStandardOutput = true })!;
        try
        {
            uint[] theirs = WaitForPrograms(others.Keys.Concat(ours));
            Console.WriteLine($"{"load",-12}{"switches",12}{"ours ns",10}{"runqlat ns",12}{"ratio",8}");
            Measure("ping-pong 1", pairs: 1, seconds, ours, theirs);
            Measure("ping-pong 4", pairs: 4, seconds, ours, theirs);
            Measure("idle", pairs: 0, seconds, ours, theirs);
            return 0;
        }
        finally
        {
            runqlat.Kill();
            runqlat.WaitForExit();
        }
    }

    private static void Measure(string load, int pairs, int seconds, uint[] ours, uint[] theirs)
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
    }

    private static uint[] WaitForPrograms(IEnumerable<uint> known)
    {
        uint[] before = [.. known];
        for (int attempt = 0; attempt < 50; attempt++)
        {
            Thread.Sleep(200);
            uint[] added = [.. ProgramTimes.Read().Keys.Except(before)];
            if (added.Length >= 3)
            {
                return added;
            }
        }

        throw new InvalidOperationException("runqlat did not load its programs; is the package libbpf-tools installed?");
    }

    private static ulong Switches()
        => ulong.Parse(File.ReadLines("/proc/stat").First(static line => line.StartsWith("ctxt ", StringComparison.Ordinal)).AsSpan(5), CultureInfo.InvariantCulture);
}
