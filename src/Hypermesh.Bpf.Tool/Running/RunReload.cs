using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Tool.Output;

namespace Hypermesh.Bpf.Tool.Running;

/// <summary>Reloads a running object each time its file has changed. If a version does not compile or the kernel rejects it, the errors are reported, and the previous version continues.</summary>
/// <param name="path">The C file, or the object.</param>
/// <param name="seen">The state of the file before it was first opened.</param>
/// <param name="only">The programs to load and attach, with their targets; all when empty.</param>
/// <param name="open">Opens it again, or returns null when it has reported the errors.</param>
internal sealed class RunReload(string path, RunReload.FileState seen, IReadOnlyList<AttachChoice> only, Func<BpfObjectSpec?> open)
{
    private static readonly TimeSpan s_period = TimeSpan.FromMilliseconds(200);

    private FileState _seen = seen;

    internal async Task WatchAsync(LiveRun run, Terminal terminal, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await Task.Delay(s_period, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

            // An editor may have removed it for a moment.
            if (FileState.Of(path) is { Length: > 0 } now && now != _seen && !stop.IsCancellationRequested)
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
                Tell(run.Reload(next, only), "reloaded", terminal);
            }
        }
        catch (OperationCanceledException)
        {
            // The run ends, with the version before.
        }
        catch (Exception refused) when (refused is BpfException or AggregateException or IOException or UnauthorizedAccessException)
        {
            terminal.Complain($"not reloaded, the previous version continues: {refused.Message}");
        }
    }

    /// <summary>Reports what became of the version that another process has left; nothing where there was none.</summary>
    internal static void Tell(BpfReload? adopted, Terminal terminal)
    {
        if (adopted is not null)
        {
            Tell(adopted, "taken over", terminal);
        }
    }

    private static void Tell(BpfReload reload, string what, Terminal terminal)
    {
        terminal.Complain($"{what}: {string.Join(", ", reload.Programs.Where(static one => one.Way != BpfReloadWay.Detached).Select(Tell))}");
        foreach (BpfMapReload map in reload.Maps.Where(static one => one is { IsKept: false, Aside: not null } && !one.Name.StartsWith(".rodata", StringComparison.Ordinal)))
        {
            terminal.Complain($"{map.Name} was created again: {map.Because}");
        }
    }

    private static string Tell(BpfProgramReload program) => program.Way switch
    {
        BpfReloadWay.Added => $"{program.Name} is new",
        BpfReloadWay.Removed => $"{program.Name} is gone",
        BpfReloadWay.Overlapped => $"{program.Name} ({(program.SeenByBoth is { } most ? $"at most {most} events" : "some events")} seen by both versions)",
        _ => program.Name,
    };

    /// <summary>What shows that a file has changed.</summary>
    /// <param name="Written">When it was written last.</param>
    /// <param name="Length">Its length; 0 where there is none.</param>
    internal readonly record struct FileState(DateTime Written, long Length)
    {
        internal static FileState Of(string path) => new FileInfo(path) is { Exists: true } file ? new(file.LastWriteTimeUtc, file.Length) : default;
    }
}
