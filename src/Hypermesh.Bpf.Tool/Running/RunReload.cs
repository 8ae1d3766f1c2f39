using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Tool.Output;

namespace Hypermesh.Bpf.Tool.Running;

/// <summary>Reloads a running object each time its file has changed. The errors of a version, or its refusal by the kernel, are reported, and the running one goes on.</summary>
/// <param name="path">The C file, or the object.</param>
/// <param name="only">The programs to load and attach, with their targets; all when empty.</param>
/// <param name="open">Opens it again, or returns null when it has told the errors.</param>
internal sealed class RunReload(string path, IReadOnlyList<AttachChoice> only, Func<BpfObjectSpec?> open)
{
    private static readonly TimeSpan s_period = TimeSpan.FromMilliseconds(200);

    private (DateTime, long) _seen = State(path);

    internal async Task WatchAsync(LiveRun run, Terminal terminal, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await Task.Delay(s_period, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

            // An editor may have removed it for a moment.
            if (State(path) is var now && now != _seen && now.Item2 > 0 && !stop.IsCancellationRequested)
            {
                _seen = now;
                Reload(run, terminal);
            }
        }
    }

    private void Reload(LiveRun run, Terminal terminal)
    {
        try
        {
            if (open() is { } next)
            {
                Tell(run.Reload(next, only), terminal);
            }
        }
        catch (BpfException refused)
        {
            terminal.Complain($"not reloaded, the version before goes on: {refused.Message}");
        }
    }

    private static void Tell(BpfReload reload, Terminal terminal)
    {
        terminal.Complain($"reloaded: {string.Join(", ", reload.Programs.Where(static one => one.Way != BpfReloadWay.Detached).Select(Tell))}");
        foreach (BpfMapReload map in reload.Maps.Where(static one => one is { IsKept: false, Aside: not null } && !one.Name.StartsWith(".rodata", StringComparison.Ordinal)))
        {
            terminal.Complain($"{map.Name} begins anew: {map.Because}");
        }
    }

    private static string Tell(BpfProgramReload program) => program.Way switch
    {
        BpfReloadWay.Added => $"{program.Name} is new",
        BpfReloadWay.Removed => $"{program.Name} is gone",
        BpfReloadWay.Overlapped => $"{program.Name} ({(program.SeenByBoth is { } most ? $"at most {most} events" : "some events")} seen by both versions)",
        _ => program.Name,
    };

    private static (DateTime, long) State(string path) => new FileInfo(path) is { Exists: true } file ? (file.LastWriteTimeUtc, file.Length) : default;
}
