using System.Buffers;
using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Hypermesh.Bpf.Monitoring;
using Hypermesh.Bpf.Tool.Arguments;
using Hypermesh.Bpf.Tool.Live;
using Hypermesh.Bpf.Tool.Monitors;
using Hypermesh.Bpf.Tool.Output;
using Hypermesh.Bpf.Tool.Screens;

namespace Hypermesh.Bpf.Tool.Commands;

/// <summary><c>hmbpf top</c>: what all monitors see.</summary>
internal static class TopCommand
{
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(1);

    internal static Command Create()
    {
        Option<bool> once = new("--once") { Description = "Make one reading of a second, print it, and end." };
        Option<bool> ascii = MonitorArguments.Ascii();
        Option<int?> seconds = MonitorArguments.Seconds("End after this many seconds.");
        Argument<string[]> names = MonitorArguments.Names();
        return new ToolCommand("top", "Shows what the monitors see, once a second: their figures, whether each hook fires, what was lost, and how far the figures are from the kernel's own counters. "
            + "Press ? for the keys. Where the output is not a terminal, one frame is printed; COLUMNS and LINES give its size. Requires root, or CAP_BPF and CAP_PERFMON.")
        {
            once, seconds, ascii, names,
        }
            .Example("sudo hmbpf top", "the whole machine, on a screen")
            .Example("sudo hmbpf top cpu disk", "two monitors")
            .Example("sudo hmbpf top --once --json", "one reading of all monitors as JSON")
            .Does((arguments, terminal, stop) =>
            {
                IReadOnlyList<string>? chosen = MonitorArguments.Read(arguments, names);
                int? length = arguments.GetValue(once) ? 1 : arguments.GetValue(seconds);
                if (terminal.Json)
                {
                    using MonitorSet set = MonitorSet.Start(new MonitorSetOptions { Names = chosen, ByCGroup = true });
                    WriteJson(set, terminal, length, stop);
                    return ExitCode.Success;
                }

                using RunningMonitors monitors = RunningMonitors.Start(chosen);
                using var source = new LiveSource(monitors, chosen, arguments.GetValue(ascii));
                if (arguments.GetValue(once) || !ScreenLoop.IsPossible)
                {
                    Print(source, terminal, length ?? 1, stop);
                    return ExitCode.Success;
                }

                return ScreenLoop.Run(source, length, stop);
            });
    }

    /// <summary>Waits; throws when the command is cancelled.</summary>
    private static void Wait(TimeSpan time, CancellationToken stop)
    {
        if (time > TimeSpan.Zero && stop.WaitHandle.WaitOne(time))
        {
            stop.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Writes the last reading as one line, with further properties at its end.</summary>
    internal static ReadOnlySpan<byte> ToJson(MonitorSet monitors, ArrayBufferWriter<byte> text, Action<Utf8JsonWriter>? further = null)
    {
        text.ResetWrittenCount();
        using var writer = new Utf8JsonWriter(text);
        monitors.WriteJson(writer, further);
        writer.Flush();
        return text.WrittenSpan;
    }

    private static void WriteJson(MonitorSet monitors, Terminal terminal, int? readings, CancellationToken stop)
    {
        var text = new ArrayBufferWriter<byte>();
        EachSecond(readings, stop, () =>
        {
            monitors.Read();
            terminal.JsonLine(ToJson(monitors, text));
        });
    }

    private static void Print(LiveSource source, Terminal terminal, int frames, CancellationToken stop)
    {
        (int width, int height) = ScreenLoop.PrintedSize();
        var state = new ScreenState();
        source.Begin(state);
        EachSecond(frames, stop, () =>
        {
            source.Read(state);
            FramePrinter.Print(Screen.Render(source.Data(state), state, width, height), terminal);
        });
    }

    /// <summary>Does something once a second, the first time after a second.</summary>
    internal static void EachSecond(int? times, CancellationToken stop, Action act)
    {
        long began = Stopwatch.GetTimestamp();
        for (long i = 1; times is null || i <= times; i++)
        {
            Wait((i * s_period) - Stopwatch.GetElapsedTime(began), stop);
            act();
        }
    }
}
