using System.CommandLine;
using System.Text.Json.Nodes;
using Hypermesh.Bpf.Monitoring;
using Hypermesh.Bpf.Monitoring.Hooks;
using Hypermesh.Bpf.Monitoring.Readings;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.Bpf.Tool.Arguments;
using Hypermesh.Bpf.Tool.Objects;
using Hypermesh.Bpf.Tool.Output;

namespace Hypermesh.Bpf.Tool.Commands;

/// <summary><c>hmbpf preflight</c>: which hooks of the monitors a kernel has, from its types alone.</summary>
internal static class PreflightCommand
{
    internal static Command Create()
    {
        Option<string> btf = CommonOptions.Btf("The types of the kernel to check: BTF as in /sys/kernel/btf/vmlinux, or a vmlinux. Without it, the running kernel.");
        Argument<string[]> names = MonitorArguments.Names();
        return new ToolCommand("preflight", "Predicts from a kernel's BTF alone whether each hook of each monitor is possible there: resolved (the best way), fallback (another way), or refused, with the reason. "
            + "Nothing is loaded, so that a kernel can be checked before an upgrade. Ends with 1 when a monitor is refused.")
        {
            btf, names,
        }
            .Example("hmbpf preflight", "the running kernel")
            .Example("hmbpf preflight --btf vmlinux-7.2.btf cpu disk", "two monitors on another kernel")
            .Does((arguments, terminal, _) => Check(terminal, arguments.GetValue(btf), MonitorArguments.Read(arguments, names)));
    }

    private static int Check(Terminal terminal, string? path, IReadOnlyList<string>? names)
    {
        using KernelBtf? running = path is null ? KernelBtf.Borrow() : null;
        BtfTypes kernel = running?.Types ?? ObjectFile.ReadTypes(path!);
        HookFacts? facts = path is null ? Monitoring.Hooks.MachineFacts.Read() : null;
        var table = new TextTable("MONITOR", "HOOK", "VERDICT", "WAY", "REASON");
        var monitors = new JsonArray();
        bool isRefused = false;
        foreach (KnownMonitor known in MonitorSet.Known)
        {
            if (names is null || names.Contains(known.Name, StringComparer.Ordinal))
            {
                IReadOnlyList<HookForecast> hooks = HookForecast.Of(known.Chains(kernel, facts), kernel, facts);
                MonitorCondition condition = HookForecast.ConditionOf(hooks);
                isRefused |= condition == MonitorCondition.Refused;
                table.Add((known.Name, Colour.Bold), ("", Colour.None), (condition.Name(), ColourOf(condition)), ("", Colour.None), ("", Colour.None));
                foreach (HookForecast hook in hooks)
                {
                    table.Add(("", Colour.None), (hook.Name, Colour.None), (Name(hook.Verdict), ColourOf(hook.Verdict)), (Way(hook), Colour.None), (Explain(hook), Colour.None));
                }

                monitors.Add((JsonNode)new JsonObject { ["name"] = known.Name, ["condition"] = condition.Name(), ["hooks"] = new JsonArray([.. hooks.Select(ToJson)]) });
            }
        }

        terminal.Line($"{kernel.Source}");
        table.Write(terminal);
        terminal.Result(new JsonObject { ["btf"] = kernel.Source, ["monitors"] = monitors });
        return isRefused ? ExitCode.Failure : ExitCode.Success;
    }

    private static JsonNode ToJson(HookForecast hook) => new JsonObject
    {
        ["name"] = hook.Name,
        ["verdict"] = Name(hook.Verdict),
        ["required"] = hook.IsRequired,
        ["source"] = hook.Option?.Source.Name(),
        ["target"] = hook.Option?.Target,
        ["sourceIfPreemptible"] = hook.Preemptible?.Source.Name(),
        ["needsTracefs"] = hook.NeedsTraceFs,
        ["reason"] = hook.Reason,
    };

    private static string Way(HookForecast hook) => hook switch
    {
        { Option: null } => "-",
        { Preemptible: { } other } => $"{hook.Option.Source.Name()}, or {other.Source.Name()} on a preemptible kernel",
        _ => hook.Option.Source.Name(),
    };

    private static string Explain(HookForecast hook)
        => string.Join("; ", new[] { hook.Reason, hook.NeedsTraceFs ? "needs tracefs" : null, hook is { Verdict: HookVerdict.Refused, IsRequired: false } ? "its figures are absent" : null }.Where(static part => part is not null));

    private static string Name(HookVerdict verdict) => verdict switch
    {
        HookVerdict.Resolved => "resolved",
        HookVerdict.Fallback => "fallback",
        _ => "refused",
    };

    private static Colour ColourOf(HookVerdict verdict) => verdict switch
    {
        HookVerdict.Resolved => Colour.Green,
        HookVerdict.Fallback => Colour.Yellow,
        _ => Colour.Red,
    };

    private static Colour ColourOf(MonitorCondition condition) => condition switch
    {
        MonitorCondition.Ok => Colour.Green,
        MonitorCondition.Degraded => Colour.Yellow,
        _ => Colour.Red,
    };
}
