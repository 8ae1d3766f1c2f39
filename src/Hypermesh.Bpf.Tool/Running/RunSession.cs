using System.Text.Json.Nodes;
using Hypermesh.Bpf.Compilation;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Tool.Output;

namespace Hypermesh.Bpf.Tool.Running;

/// <summary>Loads and attaches an object, prints its events until the end, and then its maps.</summary>
internal static class RunSession
{
    internal static int Run(BpfObjectSpec spec, IReadOnlyList<AttachChoice> only, RunView view, int? seconds, bool log, RunReload? reload, BpfHandover? handover, Terminal terminal, CancellationToken stop)
    {
        using LiveRun run = Start(spec, only, log, isReloadable: reload is not null, handover, terminal);
        RunReload.Tell(run.Adopted, terminal);
        const int MostNamed = 8;
        string more = run.Attached.Count > MostNamed ? $" and {run.Attached.Count - MostNamed} more" : "";
        terminal.Progress($"attached: {string.Join(", ", run.Attached.Take(MostNamed))}{more}{(seconds is null ? ". Ctrl-C ends it" : "")}");
        Action<JsonNode?> print = terminal.Json ? record => RunJson.Event(terminal, record) : record => RunText.Event(terminal, record);
        using (var end = CancellationTokenSource.CreateLinkedTokenSource(stop))
        {
            if (seconds is { } limit)
            {
                end.CancelAfter(TimeSpan.FromSeconds(limit));
            }

            // The first that ends, also by a failure, ends the other.
            Task reading = run.ReadAsync(print, end.Token);
            Task[] all = reload is null ? [reading] : [reading, reload.WatchAsync(run, terminal, end.Token)];
            Task.WhenAny(all).GetAwaiter().GetResult();
            end.Cancel();
            Task.WhenAll(all).GetAwaiter().GetResult();
        }

        run.Finish(print);
        if (handover is not null)
        {
            terminal.Progress($"it stays in {handover.Folder}: 'hmbpf pin clean {handover.Folder}' ends it");
        }

        if (terminal.Json)
        {
            RunJson.Result(terminal, run.Values, view);
        }
        else
        {
            RunText.Result(terminal, run.Values, view);
        }

        return ExitCode.Success;
    }

    private static LiveRun Start(BpfObjectSpec spec, IReadOnlyList<AttachChoice> only, bool log, bool isReloadable, BpfHandover? handover, Terminal terminal)
    {
        try
        {
            return LiveRun.Start(spec, only, isReloadable, handover);
        }
        catch (BpfVerifierException refused) when (log)
        {
            terminal.ComplainAtLength(refused.Log);
            throw;
        }
    }
}
