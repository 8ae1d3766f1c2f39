using System.CommandLine;
using System.Diagnostics;
using Hypermesh.Bpf.Compilation.Profiling;
using Hypermesh.Bpf.Tool.Arguments;
using Hypermesh.Bpf.Tool.Output;
using Hypermesh.Bpf.Tool.Profiles;

namespace Hypermesh.Bpf.Tool.Commands;

/// <summary><c>hmbpf profile</c>: which functions run on the CPUs, or wait off them.</summary>
internal static class ProfileCommand
{
    private const int DefaultHertz = 99;
    private const int MostHertz = 10_000;

    private static readonly TimeSpan s_watch = TimeSpan.FromSeconds(1);

    internal static Command Create()
    {
        var hertz = new Option<int>("--hz") { Description = $"Samples a second of each CPU, from 1 to {MostHertz}.", HelpName = "N", DefaultValueFactory = static _ => DefaultHertz };
        hertz.Validators.Add(static result => Refuse(result, MostHertz));
        var offCpu = new Option<bool>("--offcpu") { Description = "Measure how long threads are off the CPU, by the stack that they left it with, instead of sampling those that run." };
        var process = new Option<int?>("--pid") { Description = "Only this process.", HelpName = "PID" };
        process.Validators.Add(static result => Refuse(result, int.MaxValue));
        Option<int?> seconds = MonitorArguments.Seconds("End after this time, instead of with Ctrl-C.");
        var folded = new Option<bool>("--folded") { Description = "Print the stacks, a line each, as flamegraph.pl and speedscope read them, instead of a table of functions." };
        var pprof = new Option<string?>("--pprof") { Description = "Write the profile to this file for pprof.", HelpName = "FILE" };
        return new ToolCommand("profile", "Shows which functions of the kernel and of programs take the CPUs' time. Functions have names where the kernel, the file's symbol table or the runtime says them: start .NET programs with DOTNET_PerfMapEnabled=3, and with DOTNET_ReadyToRun=0 for methods that were compiled ahead of time. "
            + "Stacks of programs are followed by frame pointers: code that was compiled without them has incomplete stacks. What has no name is counted. Requires CAP_BPF and CAP_PERFMON, and for all names root.")
        {
            hertz, offCpu, process, seconds, folded, pprof,
        }
            .Example("sudo hmbpf profile --seconds 10", "the busiest functions of the machine")
            .Example("sudo hmbpf profile --pid 812 --folded --seconds 30 > stacks.txt", "stacks of one process, for a flame graph")
            .Example("sudo hmbpf profile --offcpu --pid 812 --pprof wait.pb.gz", "where a process waits, for pprof")
            .Does((arguments, terminal, stop) =>
            {
                var options = new ProfileOptions(arguments.GetValue(hertz), arguments.GetValue(offCpu), arguments.GetValue(process));
                return Run(options, arguments.GetValue(seconds), arguments.GetValue(folded), arguments.GetValue(pprof), terminal, stop);
            });
    }

    private static int Run(ProfileOptions options, int? seconds, bool isFolded, string? pprof, Terminal terminal, CancellationToken stop)
    {
        if (options.Process is { } process && !Directory.Exists($"/proc/{process}"))
        {
            terminal.Complain($"There is no process {process}.");
            return ExitCode.Failure;
        }

        DateTimeOffset began = DateTimeOffset.UtcNow;
        var running = Stopwatch.StartNew();
        using Profiler profiler = Profiler.Start(options);
        terminal.Progress($"profiling {(options.Process is { } one ? $"process {one}" : "all processes")}{(seconds is null ? ". Ctrl-C ends it" : "")}");
        while (!stop.IsCancellationRequested && (seconds is not { } limit || running.Elapsed < TimeSpan.FromSeconds(limit)))
        {
            TimeSpan left = seconds is { } end ? TimeSpan.FromSeconds(end) - running.Elapsed : s_watch;
            stop.WaitHandle.WaitOne(left < s_watch ? TimeSpan.FromTicks(Math.Max(0, left.Ticks)) : s_watch);
            profiler.Watch();
        }

        Profile profile = profiler.Finish();
        if (pprof is not null)
        {
            PprofWriter.Write(pprof, profile, options, began, running.Elapsed);
        }

        if (isFolded)
        {
            ProfileText.Folded(terminal, profile);
        }
        else
        {
            ProfileText.Functions(terminal, profile, options.OffCpu);
        }

        terminal.Result(ProfileText.Json(profile, options.OffCpu));
        Say(terminal, profile, options.OffCpu ? "nanoseconds" : "samples");
        return ExitCode.Success;
    }

    // Gaps are part of the result.
    private static void Say(Terminal terminal, Profile profile, string unit)
    {
        if (profile.Total == 0)
        {
            terminal.Complain("Nothing was seen.");
        }

        if (profile.Lost + profile.WithoutStack > 0)
        {
            terminal.Complain($"{profile.Lost} {unit} found no room in the map, and {profile.WithoutStack} have no stack, since another one had its place: profile less, or for a shorter time.");
        }

        if (profile.WithoutName > 0)
        {
            terminal.Complain($"{profile.WithoutName} of {profile.Frames} frames have no name: they are shown as their file.");
        }
    }

    private static void Refuse(System.CommandLine.Parsing.OptionResult result, int most)
    {
        if (result.Tokens.Count > 0 && !(int.TryParse(result.Tokens[0].Value, out int number) && number >= 1 && number <= most))
        {
            result.AddError($"{result.Option.Name} takes a whole number from 1{(most < int.MaxValue ? $" to {most}" : " on")}, not '{result.Tokens[0].Value}'.");
        }
    }
}
