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

    // The kernel options that eBPF depends on, without the prefix CONFIG_.
    private static readonly string[] s_options =
    [
        "BPF_SYSCALL", "BPF_JIT", "BPF_EVENTS", "BPF_LSM", "CGROUP_BPF", "DEBUG_INFO_BTF", "DEBUG_INFO_BTF_MODULES", "KPROBE_EVENTS", "UPROBE_EVENTS",
        "FTRACE_SYSCALLS", "DYNAMIC_FTRACE_WITH_DIRECT_CALLS", "FPROBE", "NET_CLS_BPF", "NET_XGRESS", "XDP_SOCKETS", "NETKIT", "LWTUNNEL_BPF", "BPF_LIRC_MODE2",
    ];

    private static readonly (string Group, IEnumerable<(string Name, Func<(BpfFeatureState State, string Detail)> Try)> Subjects)[] s_groups =
    [
        ("features", Enum.GetValues<BpfFeature>().Select(static feature => ($"{feature}", Trying(() => BpfFeatures.Current.Check(feature))))),
        ("programs", Enum.GetValues<BpfProgramType>().Where(static type => type != 0).Select(static type => ($"{type}", Trying(() => BpfFeatures.Current.Check(type))))),
        ("maps", Enum.GetValues<BpfMapType>().Where(static type => type != 0).Select(static type => ($"{type}", Trying(() => BpfFeatures.Current.Check(type))))),
        ("links", Enum.GetValues<BpfLinkType>().Where(static type => type != 0).Select(static type => ($"{type}", Trying(() => BpfFeatures.Current.Check(type))))),
        ("options", s_options.Select(static name => ("CONFIG_" + name, Trying(() => BpfFeatures.Current.CheckOption("CONFIG_" + name))))),
    ];

    internal static Command Create()
        => new ToolCommand("doctor", "Shows what this machine supports for eBPF and what it allows this process: kernel, BTF, capabilities, policies, file systems, clang; "
            + "and each feature, program type, map type, link type and kernel option as supported, absent, or refused (not known, because a policy or a missing capability prevents the probe), with the kernel's answer. The last line is the verdict: which hooks can be used here.")
            .Example("hmbpf doctor", "as text")
            .Example("sudo hmbpf doctor --json", "as JSON, with what only root can read")
            .Does(static (_, terminal, stop) =>
            {
                JsonObject machine = MachineFacts.Read();
                Fields.Write(terminal, machine);
                terminal.Line();
                var result = new JsonObject { ["machine"] = machine };
                foreach ((string group, IEnumerable<(string Name, Func<(BpfFeatureState State, string Detail)> Try)> subjects) in s_groups)
                {
                    result[group] = Show(terminal, group, subjects, stop);
                }

                JsonObject verdict = MachineVerdict.Read();
                result["verdict"] = verdict;
                terminal.Line(MachineVerdict.Line(verdict));
                terminal.Result(result);
                return ExitCode.Success;
            });

    private static JsonArray Show(Terminal terminal, string group, IEnumerable<(string Name, Func<(BpfFeatureState State, string Detail)> Try)> subjects, CancellationToken stop)
    {
        var table = new TextTable(group.ToUpperInvariant(), "STATE", "REASON");
        var all = new JsonArray();
        foreach ((string name, Func<(BpfFeatureState State, string Detail)> @try) in subjects)
        {
            stop.ThrowIfCancellationRequested();
            terminal.Progress($"trying {name}");
            (BpfFeatureState state, string detail) = @try();
            table.Add((name, Colour.None), s_states[state], (detail, Colour.None));
            all.Add((JsonNode)new JsonObject { ["name"] = name, ["state"] = s_states[state].Text, ["reason"] = detail });
        }

        table.Write(terminal);
        terminal.Line();
        return all;
    }

    private static Func<(BpfFeatureState State, string Detail)> Trying(Func<BpfFeatureResult> check) => () =>
    {
        BpfFeatureResult result = check();
        return (result.State, result.Detail);
    };
}
