using System.CommandLine;
using System.Text.Json.Nodes;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Tool.Arguments;
using Hypermesh.Bpf.Tool.Objects;
using Hypermesh.Bpf.Tool.Output;

namespace Hypermesh.Bpf.Tool.Commands;

/// <summary><c>hmbpf verify</c>: which programs this kernel accepts.</summary>
internal static class VerifyCommand
{
    private const string NotOpened = "OPENFAIL";

    internal static Command Create()
    {
        Argument<string[]> files = CommonOptions.Objects();
        var reasons = new Option<bool>("--reasons") { Description = "Print the reason for each rejected program on standard error." };
        Option<bool> log = CommonOptions.Log();
        return new ToolCommand("verify", "Loads each program of each object without the others and prints whether the kernel accepts it: OBJECT PROGRAM SECTION VERDICT, "
            + "where VERDICT is OK or the name of the error. Nothing is attached or pinned. Maps without a size get one (reported on standard error). Requires CAP_BPF and what the programs' types require.")
        {
            files,
            reasons,
            log,
        }
            .Example("hmbpf verify exec.bpf.o", "each program of an object")
            .Example("hmbpf verify --reasons *.bpf.o", "many objects, with the verifier's sentence and the C line")
            .Example("hmbpf verify --log exec.bpf.o", "with the verifier's log as well")
            .Does((arguments, terminal, stop) => Run(arguments.GetRequiredValue(files), arguments.GetValue(reasons), arguments.GetValue(log), terminal, stop));
    }

    private static int Run(string[] paths, bool reasons, bool log, Terminal terminal, CancellationToken stop)
    {
        using KernelBtf? types = KernelTypesInUse.Hold();
        var objects = new JsonArray();
        int loaded = 0, all = 0, unopened = 0;
        for (int i = 0; i < paths.Length; i++)
        {
            string file = Path.GetFileName(paths[i]);
            if (Open(paths[i], terminal) is not { } spec)
            {
                unopened++;
                terminal.Line($"{file} - - {new Painted(Colour.Red, NotOpened)}");
                objects.Add((JsonNode)new JsonObject { ["object"] = file, ["opened"] = false, ["programs"] = new JsonArray() });
                continue;
            }

            var assumed = new JsonArray();
            foreach (string sentence in UnstatedSizes.Fill(spec))
            {
                terminal.Complain($"{file}: {sentence}");
                assumed.Add((JsonNode)sentence);
            }

            var programs = new JsonArray();
            foreach (ProgramVerdict verdict in ObjectVerifier.Verify(spec, explain: reasons || log || terminal.Json))
            {
                all++;
                loaded += verdict.Refusal is null ? 1 : 0;
                terminal.Line($"{file} {verdict.Program} {verdict.Section} {new Painted(verdict.Refusal is null ? Colour.Green : Colour.Red, verdict.Verdict)}");
                if ((reasons || log) && verdict.Refusal is { } refusal)
                {
                    terminal.Complain(refusal.Message);
                }

                if (log)
                {
                    terminal.ComplainAtLength(verdict.Log);
                }

                programs.Add((JsonNode)new JsonObject
                {
                    ["program"] = verdict.Program,
                    ["section"] = verdict.Section,
                    ["verdict"] = verdict.Verdict,
                    ["reason"] = verdict.Refusal?.Message,
                    ["log"] = log ? verdict.Log : null,
                });
                stop.ThrowIfCancellationRequested();
                terminal.Progress($"{i + 1} of {paths.Length} objects, {all} programs");
            }

            objects.Add((JsonNode)new JsonObject { ["object"] = file, ["opened"] = true, ["assumed"] = assumed, ["programs"] = programs });
        }

        terminal.Line($"programs loaded {loaded} of {all}");
        terminal.Result(new JsonObject { ["objects"] = objects, ["loaded"] = loaded, ["programs"] = all });
        return loaded == all && unopened == 0 ? ExitCode.Success : ExitCode.Failure;
    }

    private static BpfObjectSpec? Open(string path, Terminal terminal)
    {
        try
        {
            return ObjectFile.Read(path);
        }
        catch (BpfException reason)
        {
            terminal.Complain(reason.Message);
            return null;
        }
    }
}
