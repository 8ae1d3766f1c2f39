using System.Buffers;
using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Hypermesh.Bpf.Monitoring;
using Hypermesh.Bpf.Tool.Arguments;
using Hypermesh.Bpf.Tool.Live;
using Hypermesh.Bpf.Tool.Monitors;
using Hypermesh.Bpf.Tool.Output;
using Hypermesh.Bpf.Tool.Recordings;
using Hypermesh.Bpf.Tool.Screens;

namespace Hypermesh.Bpf.Tool.Commands;

/// <summary><c>hmbpf record</c> and <c>hmbpf replay</c>: readings into a file, and back on the screens.</summary>
internal static class RecordCommands
{
    internal static Command CreateRecord()
    {
        Argument<string> file = File("The file to write: a line of JSON for each second, as top --json prints it, and the busiest processes.");
        Option<int?> seconds = MonitorArguments.Seconds("End after this many readings; without it, at Ctrl-C.");
        Option<bool> force = new("--force") { Description = "Replace an existing file." };
        Argument<string[]> names = MonitorArguments.Names();
        return new ToolCommand("record", "Writes a reading of the monitors a second to a file, which hmbpf replay shows. A reading is in the file whole or not at all, also when the disk is full or the recorder is killed. "
            + "Requires root, or CAP_BPF and CAP_PERFMON.")
        {
            file, seconds, force, names,
        }
            .Example("sudo hmbpf record night.jsonl", "until Ctrl-C")
            .Example("sudo hmbpf record --seconds 60 minute.jsonl cpu disk", "two monitors for a minute")
            .Does((arguments, terminal, stop) =>
            {
                string path = arguments.GetRequiredValue(file);
                using var recording = new RecordingWriter(path, arguments.GetValue(force));
                using MonitorSet monitors = MonitorSet.Start(new MonitorSetOptions { Names = MonitorArguments.Read(arguments, names), ByCGroup = true });
                var text = new ArrayBufferWriter<byte>();

                // The first sample has no figures: they are those of the time since the one before.
                var processes = new ProcessSampler();
                processes.Sample();
                try
                {
                    TopCommand.EachSecond(arguments.GetValue(seconds), stop, () =>
                    {
                        monitors.Read();
                        recording.Add(TopCommand.ToJson(monitors, text, writer =>
                        {
                            writer.WritePropertyName("processes");
                            ProcessesJson.Write(writer, processes.Sample()?.Processes ?? []);
                        }));
                        terminal.Progress($"{recording.Count} readings, {Units.Bytes(recording.Length).Trim()}");
                    });
                }
                catch (OperationCanceledException)
                {
                    // Ctrl-C is how a recording ends.
                }

                terminal.Line($"{path}: {recording.Count} readings, {recording.Length} bytes");
                terminal.Result(new JsonObject { ["file"] = path, ["readings"] = recording.Count, ["bytes"] = recording.Length });
                return ExitCode.Success;
            });
    }

    internal static Command CreateReplay()
    {
        Argument<string> file = File("A file that hmbpf record wrote.");
        Option<double> speed = new("--speed") { Description = "Readings a second.", HelpName = "N", DefaultValueFactory = static _ => 1 };
        speed.Validators.Add(static result =>
        {
            if (result.Tokens.Any(static token => !double.TryParse(token.Value, CultureInfo.InvariantCulture, out double value) || value is not (> 0 and <= 100)))
            {
                result.AddError("--speed takes a number above 0, up to 100.");
            }
        });
        Option<bool> ascii = MonitorArguments.Ascii();
        return new ToolCommand("replay", "Shows a recording on the screens of hmbpf top. Left and right move in it, Home and End too, p stands still. Where the output is not a terminal, the last reading is printed as a frame. No kernel and no privilege is needed.")
        {
            file, speed, ascii,
        }
            .Example("hmbpf replay night.jsonl --speed 20", "twenty times as fast")
            .Example("hmbpf replay night.jsonl --json", "the readings as JSON, each checked")
            .Does((arguments, terminal, stop) =>
            {
                using var recording = new RecordingReader(arguments.GetRequiredValue(file));
                if (recording.EndsInside)
                {
                    terminal.Complain("the last line has no end, because the recorder was ended while it wrote; it is left out");
                }

                var source = new ReplaySource(recording, arguments.GetValue(speed), arguments.GetValue(ascii));
                if (terminal.Json)
                {
                    for (int i = 0; i < recording.Count; i++)
                    {
                        stop.ThrowIfCancellationRequested();
                        recording.Read(i);
                        terminal.JsonLine(recording.ReadLine(i));
                    }
                }
                else if (ScreenLoop.IsPossible)
                {
                    return ScreenLoop.Run(source, null, stop);
                }
                else
                {
                    (int width, int height) = ScreenLoop.PrintedSize();
                    var state = new ScreenState();
                    source.MoveTo(recording.Count - 1);
                    FramePrinter.Print(Screen.Render(source.Data(state), state, width, height), terminal);
                }

                return ExitCode.Success;
            });
    }

    private static Argument<string> File(string description)
    {
        var file = new Argument<string>("FILE") { Description = description };
        file.Validators.Add(CommonOptions.RefuseMistakes);
        return file;
    }
}
