using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Hypermesh.Bpf.Tool.Arguments;
using Hypermesh.Bpf.Tool.Objects;
using Hypermesh.Bpf.Tool.Output;

namespace Hypermesh.Bpf.Tool.Commands;

/// <summary><c>hmbpf load</c>: the time that loading takes.</summary>
internal static class LoadCommand
{
    internal static Command Create()
    {
        Argument<string[]> files = CommonOptions.Objects();
        var repeat = new Option<int>("--repeat") { Description = "How many rounds.", HelpName = "N", DefaultValueFactory = static _ => 1 };
        repeat.Validators.Add(static result =>
        {
            if (result.Tokens.Count > 0 && !(int.TryParse(result.Tokens[0].Value, out int rounds) && rounds > 0))
            {
                result.AddError($"--repeat takes a whole number of at least 1, not '{result.Tokens[0].Value}'.");
            }
        });
        Option<bool> log = CommonOptions.Log();
        return new ToolCommand("load", "Measures how long loading takes; nothing stays loaded. Opens, loads and closes each object in N rounds, and prints the milliseconds of the first round, then the mean of the others, "
            + "each divided into the time to read the kernel's BTF, this process's own time, and the kernel's time. Maps without a size get one (reported on standard error), and pins are ignored.")
        {
            files,
            repeat,
            log,
        }
            .Example("hmbpf load --repeat 20 *.bpf.o", "twenty rounds over many objects")
            .Does((arguments, terminal, stop) => Run(arguments.GetRequiredValue(files), arguments.GetValue(repeat), arguments.GetValue(log), terminal, stop));
    }

    private static int Run(string[] paths, int rounds, bool log, Terminal terminal, CancellationToken stop)
    {
        using var timer = new LoadTimer();
        var first = new LoadTiming?[paths.Length];
        var later = new LoadTiming[paths.Length];
        for (int round = 0; round < rounds; round++)
        {
            for (int i = 0; i < paths.Length; i++)
            {
                stop.ThrowIfCancellationRequested();
                if (round == 0)
                {
                    first[i] = TryLoad(timer, paths[i], log, terminal);
                }
                else if (first[i] is not null)
                {
                    later[i] += timer.Load(paths[i]);
                }
            }

            terminal.Progress($"round {round + 1} of {rounds}");
        }

        Show(paths, first, later, rounds - 1, terminal);
        return first.All(static timing => timing is not null) ? ExitCode.Success : ExitCode.Failure;
    }

    private static LoadTiming? TryLoad(LoadTimer timer, string path, bool log, Terminal terminal)
    {
        try
        {
            return timer.Load(path);
        }
        catch (BpfException reason)
        {
            terminal.Complain($"{Path.GetFileName(path)}: {reason.Message}");
            if (log && reason is BpfVerifierException refused)
            {
                terminal.ComplainAtLength(refused.Log);
            }

            return null;
        }
        finally
        {
            foreach (string sentence in timer.Assumed)
            {
                terminal.Complain($"{Path.GetFileName(path)}: {sentence}");
            }
        }
    }

    private static void Show(string[] paths, LoadTiming?[] first, LoadTiming[] later, int laterRounds, Terminal terminal)
    {
        var table = new TextTable("OBJECT", "FIRST MS", "LATER MS", "OWN", "KERNEL");
        var objects = new JsonArray();
        LoadTiming firstSum = default, laterSum = default;
        for (int i = 0; i < paths.Length; i++)
        {
            string file = Path.GetFileName(paths[i]);
            if (first[i] is not { } timing)
            {
                table.Add(file, "refused", "-", "-", "-");
                objects.Add((JsonNode)new JsonObject { ["object"] = file, ["loaded"] = false });
                continue;
            }

            LoadTiming mean = laterRounds > 0 ? later[i] / laterRounds : default;
            firstSum += timing;
            laterSum += mean;
            table.Add(Row(file, timing, mean, laterRounds));
            objects.Add((JsonNode)new JsonObject { ["object"] = file, ["loaded"] = true, ["first"] = Json(timing), ["later"] = laterRounds > 0 ? Json(mean) : null });
        }

        if (!Array.Exists(first, static timing => timing is not null))
        {
            // The reason is on standard error, and all times would be 0.
            terminal.Result(new JsonObject { ["objects"] = objects, ["rounds"] = 0 });
            return;
        }

        table.Add(Row("all", firstSum, laterSum, laterRounds));
        table.Write(terminal);
        terminal.Line();
        terminal.Line($"first round: {Ms(firstSum.Total)} ms = kernel BTF {Ms(firstSum.KernelTypes)} + own {Ms(firstSum.Own)} + kernel {Ms(firstSum.Kernel)}");
        if (laterRounds > 0)
        {
            terminal.Line($"later rounds, mean of {laterRounds}: {Ms(laterSum.Total)} ms = own {Ms(laterSum.Own)} + kernel {Ms(laterSum.Kernel)}");
        }

        terminal.Result(new JsonObject
        {
            ["objects"] = objects,
            ["rounds"] = laterRounds + 1,
            ["first"] = Json(firstSum),
            ["later"] = laterRounds > 0 ? Json(laterSum) : null,
        });
    }

    private static string[] Row(string name, LoadTiming first, LoadTiming mean, int laterRounds)
        => laterRounds > 0 ? [name, Ms(first.Total), Ms(mean.Total), Ms(mean.Own), Ms(mean.Kernel)] : [name, Ms(first.Total), "-", Ms(first.Own), Ms(first.Kernel)];

    private static JsonObject Json(LoadTiming timing) => new()
    {
        ["ms"] = Math.Round(timing.Total.TotalMilliseconds, 3),
        ["kernelBtfMs"] = Math.Round(timing.KernelTypes.TotalMilliseconds, 3),
        ["ownMs"] = Math.Round(timing.Own.TotalMilliseconds, 3),
        ["kernelMs"] = Math.Round(timing.Kernel.TotalMilliseconds, 3),
    };

    private static string Ms(TimeSpan time) => time.TotalMilliseconds.ToString("F2", CultureInfo.InvariantCulture);
}
