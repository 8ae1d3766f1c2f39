using System.CommandLine;
using System.Text.Json.Nodes;
using Hypermesh.Bpf.Compilation.Hooks;
using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Tool.Arguments;
using Hypermesh.Bpf.Tool.Output;

namespace Hypermesh.Bpf.Tool.Commands;

/// <summary><c>hmbpf hooks</c>: what programs can be attached to here.</summary>
internal static class HooksCommand
{
    // One kind for each way to the same place.
    private static readonly HookKind[] s_listed = [HookKind.BtfTracepoint, HookKind.Tracepoint, HookKind.KProbe, HookKind.FunctionEntry];

    internal static Command Create()
    {
        var pattern = new Argument<string>("GLOB") { Description = "A hook or a pattern, with its kind (tp_btf/sched_*, tracepoint:block:*, kprobe/vfs_*) or without.", DefaultValueFactory = static _ => "*" };
        pattern.Validators.Add(CommonOptions.RefuseMistakes);
        var verbose = new Option<bool>("--verbose", "-v") { Description = "Show the arguments or fields of each, with their types." };
        return new ToolCommand("hooks", "Lists the tracepoints and functions that programs can be attached to on this kernel. Classic tracepoints and functions require tracefs, which root can read.") { pattern, verbose }
            .Example("hmbpf hooks 'tp_btf/sched_*'", "tracepoints of the scheduler")
            .Example("sudo hmbpf hooks -v tracepoint:block:block_rq_issue", "the fields of one")
            .Does((arguments, terminal, stop) => List(arguments.GetValue(pattern)!, arguments.GetValue(verbose), terminal, stop));
    }

    private static int List(string pattern, bool isVerbose, Terminal terminal, CancellationToken stop)
    {
        using KernelBtf kernel = KernelBtf.Acquire();
        var catalog = new HookCatalog(kernel.Types, LinuxKernel.Instance);
        var json = new JsonArray();
        foreach ((HookKind kind, string name) in Matching(catalog, pattern))
        {
            stop.ThrowIfCancellationRequested();
            terminal.Line($"{kind.Section}/{name.Replace(':', '/')}");
            var entry = new JsonObject { ["hook"] = $"{kind.Section}/{name.Replace(':', '/')}" };
            if (isVerbose && catalog.TryRead(kind, name) is { } hook)
            {
                foreach (HookArgument argument in hook.Arguments)
                {
                    terminal.Line($"    {argument.Type} {argument.Name}");
                }

                entry["arguments"] = new JsonArray([.. hook.Arguments.Select(static one => new JsonObject { ["name"] = one.Name, ["type"] = one.Type })]);
            }

            json.Add((JsonNode)entry);
        }

        if (json.Count == 0)
        {
            bool isRefused = false;
            bool canRead = HookCatalog.KindOf(pattern).Kind != HookKind.Tracepoint || catalog.CanReadTracepoints(out isRefused);
            terminal.Complain(canRead ? $"This kernel has no hook '{pattern}'." : isRefused ? "The list of tracepoints cannot be read: tracefs is for root." : "The list of tracepoints cannot be read: tracefs is not mounted ('mount -t tracefs tracefs /sys/kernel/tracing').");
        }

        terminal.Result(new JsonObject { ["hooks"] = json });
        return json.Count > 0 ? ExitCode.Success : ExitCode.Failure;
    }

    private static IEnumerable<(HookKind Kind, string Name)> Matching(HookCatalog catalog, string pattern)
    {
        // Without a separator it is a name of any kind.
        (HookKind kind, string rest) = HookCatalog.KindOf(pattern);
        bool isNameAlone = pattern.AsSpan().IndexOfAny(':', '/') < 0;
        HookKind[] kinds = isNameAlone ? s_listed : [kind];
        return kinds.SelectMany(one => catalog.Names(one, isNameAlone && one == HookKind.Tracepoint ? "*:" + rest : rest).Order(StringComparer.Ordinal).Select(name => (one, name)));
    }
}
