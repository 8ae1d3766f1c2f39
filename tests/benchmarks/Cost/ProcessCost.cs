using System.Diagnostics;
using System.Globalization;
using Hypermesh.Bpf.Monitoring;

namespace Hypermesh.Bpf.Benchmarks.Cost;

/// <summary>
/// The run time of the process monitor's programs for each executed program, beside that of Debian's execsnoop (libbpf-tools) in the same run. Both report each executed program with its
/// arguments; the monitor's other programs (fork, exit, CPU time) are shown apart. execsnoop needs tracefs.
/// </summary>
internal static class ProcessCost
{
    internal static int Run(int seconds)
    {
        Console.WriteLine($"{"monitor",-12}{"execs",10}{"exec ns",10}{"all ns",10}{"execsnoop ns",14}{"ratio",8}");
        Measure("counts", new ProcessMonitorOptions { MeasureCost = true }, seconds);
        double events = Measure("events", new ProcessMonitorOptions { MeasureCost = true, Events = true, Arguments = true }, seconds);
        Bound.AtMost(0.6, events, "process monitor, time for an exec with its event, of execsnoop's");
        return Bound.ExitCode;
    }

    private static double Measure(string what, ProcessMonitorOptions options, int seconds)
    {
        uint[] others = [.. ProgramTimes.Read().Keys];
        using ProcessMonitor monitor = ProcessMonitor.Start(options);
        uint[] ours = [.. ProgramTimes.Read().Keys.Except(others)];
        uint[] exec = [monitor.Loaded.Programs.ProcessExec.GetInfo().Id];
        using var end = new CancellationTokenSource();
        Task reader = options.Events ? Read(monitor, end.Token) : Task.CompletedTask;
        using PeerTool execsnoop = PeerTool.Start("execsnoop", [], programs: 2);
        ProcessReading reading = monitor.NewReading();
        monitor.Read(reading);
        Dictionary<uint, ulong> before = ProgramTimes.Read();
        using (Process shell = Process.Start("/bin/sh", ["-c", $"end=$(($(date +%s) + {seconds})); while [ $(date +%s) -lt $end ]; do i=0; while [ $i -lt 100 ]; do /bin/true a b c; i=$((i + 1)); done; done"]))
        {
            shell.WaitForExit();
        }

        Dictionary<uint, ulong> after = ProgramTimes.Read();
        monitor.Read(reading);
        end.Cancel();
        reader.Wait();
        double our = (double)ProgramTimes.Sum(before, after, exec) / reading.Execs, all = (double)ProgramTimes.Sum(before, after, ours) / reading.Execs;
        double their = (double)ProgramTimes.Sum(before, after, execsnoop.Programs) / reading.Execs;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-12}{reading.Execs,10}{our,10:F0}{all,10:F0}{their,14:F0}{our / their,8:F2}"));
        return our / their;
    }

    private static async Task Read(ProcessMonitor monitor, CancellationToken end)
    {
        try
        {
            await foreach (ProcessEvent _ in monitor.ReadAllAsync(end).ConfigureAwait(false))
            {
                // The reader keeps up, so that each event is written.
            }
        }
        catch (OperationCanceledException)
        {
            // The end of the measurement.
        }
    }
}
