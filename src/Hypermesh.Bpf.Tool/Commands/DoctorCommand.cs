using System.CommandLine;
using System.Text.Json.Nodes;
using Hypermesh.Bpf.Tool.Machine;
using Hypermesh.Bpf.Tool.Output;

namespace Hypermesh.Bpf.Tool.Commands;

/// <summary><c>hmbpf doctor</c>: what this machine has and allows.</summary>
internal static class DoctorCommand
{
    private static readonly Dictionary<BpfFeatureState, (string Text, Colour Colour)> s_states = new()
    {
        [BpfFeatureState.Supported] = ("supported", Colour.Green),
        [BpfFeatureState.Absent] = ("absent", Colour.Yellow),
        [BpfFeatureState.Refused] = ("refused", Colour.Red),
    };

    internal static Command Create()
        => new ToolCommand("doctor", "What this machine has for eBPF and what it allows this process: kernel, BTF, options, capabilities, policies, file systems, clang; "
            + "and each feature as supported, absent, or refused (not known: a policy or a missing capability kept it from being tried), with the kernel's answer.")
            .Example("hmbpf doctor", "as a person reads it")
            .Example("sudo hmbpf doctor --json", "with what root may see, for a program to read")
            .Does(static (_, terminal, stop) =>
            {
                JsonObject machine = MachineFacts.Read();
                if (!terminal.Json)
                {
                    Fields.Write(terminal, machine);
                    terminal.Line();
                }

                var table = new TextTable("FEATURE", "STATE", "REASON");
                var features = new JsonArray();
                foreach (BpfFeature feature in Enum.GetValues<BpfFeature>())
                {
                    stop.ThrowIfCancellationRequested();
                    terminal.Progress($"trying {feature}");
                    BpfFeatureResult result = BpfFeatures.Current.Check(feature);
                    table.Add(($"{feature}", Colour.None), s_states[result.State], (result.Detail, Colour.None));
                    features.Add((JsonNode)new JsonObject { ["feature"] = feature.ToString(), ["state"] = s_states[result.State].Text, ["reason"] = result.Detail });
                }

                table.Write(terminal);
                terminal.Result(new JsonObject { ["machine"] = machine, ["features"] = features });
                return ExitCode.Success;
            });
}
