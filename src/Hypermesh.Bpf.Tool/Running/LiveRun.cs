using System.Text.Json.Nodes;
using Hypermesh.Bpf.Compilation;
using Hypermesh.Bpf.Objects;

namespace Hypermesh.Bpf.Tool.Running;

/// <summary>A loaded and attached object, until it is disposed.</summary>
internal sealed class LiveRun : IDisposable
{
    private readonly BpfObject _live;
    private CancellationTokenSource _version = new();

    private LiveRun(BpfObjectSpec spec, BpfObject live)
    {
        _live = live;
        Values = new BpfObjectValues(spec, live);
    }

    internal BpfObjectValues Values { get; private set; }

    /// <summary>Whether the object stays when this ends.</summary>
    internal bool Stays { get; private init; }

    /// <summary>What became of the version that was there; null where there was none.</summary>
    internal BpfReload? Adopted => _live.Adopted;

    /// <summary>The programs that are attached, with their sections.</summary>
    internal IReadOnlyList<string> Attached => [.. _live.Programs.Where(static program => program.Links.Count > 0).Select(static program => $"{program.Name} ({program.SectionName})")];

    /// <summary>Loads and attaches. On failure nothing stays.</summary>
    /// <param name="spec">The object.</param>
    /// <param name="only">The programs to load and attach, with their targets; all when empty.</param>
    /// <param name="isReloadable">Whether new versions may follow.</param>
    /// <param name="handover">Where it stays when it ends; null to end with it.</param>
    /// <exception cref="BpfException">The kernel rejects a program, or nothing attaches without a target.</exception>
    internal static LiveRun Start(BpfObjectSpec spec, IReadOnlyList<AttachChoice> only, bool isReloadable, BpfHandover? handover)
    {
        Enable(spec, only);
        var run = new LiveRun(spec, BpfObject.Load(spec, new BpfLoadOptions { Reloadable = isReloadable, Handover = handover })) { Stays = handover is not null };
        try
        {
            Attach(run._live, only.Where(static one => one.Target is not null).ToLookup(static one => one.Program, static one => one.Target!, StringComparer.Ordinal));
            return run.Attached.Count > 0 || run._live.StructOps.Count > 0 ? run : throw new BpfException(
                $"{spec.Name} has no program that attaches by itself: {string.Join(", ", run._live.Programs.Select(static program => $"{program.Name} (\"{program.SectionName}\")"))}. Name the target in the section, such as SEC(\"tp_btf/sched_switch\"), or with --attach PROGRAM=TARGET.",
                spec.Name, null);
        }
        catch
        {
            run.Undo();
            throw;
        }
    }

    /// <summary>Ends it. What was there before stays.</summary>
    internal void Undo()
    {
        using (this)
        {
            if (Stays && Adopted is null)
            {
                _live.Withdraw();
            }
        }
    }

    private static void Enable(BpfObjectSpec spec, IReadOnlyList<AttachChoice> only)
    {
        if (only.Count > 0)
        {
            if (only.FirstOrDefault(one => spec.Programs.All(program => program.Name != one.Program)) is { } unknown)
            {
                string[] names = [.. spec.Programs.Select(static program => program.Name)];
                throw new BpfException(
                    $"object {spec.Name} has no program '{unknown.Program}'; it has {string.Join(", ", names)}. --attach takes PROGRAM or PROGRAM=TARGET, such as --attach {names.FirstOrDefault()}={unknown.Target ?? unknown.Program}.", spec.Name, null);
            }

            BpfProgramSpec[] wanted = [.. only.Select(one => spec.Program(one.Program))];
            foreach (BpfProgramSpec program in spec.Programs)
            {
                program.Enabled = wanted.Contains(program);
            }
        }
    }

    /// <summary>Makes the object a new version of itself; on failure the version before goes on.</summary>
    internal BpfReload Reload(BpfObjectSpec next, IReadOnlyList<AttachChoice> only)
    {
        Enable(next, only);
        BpfReload report = _live.HotReload(next);
        Values = new BpfObjectValues(next, _live);

        // Readers begin again with the maps and types of the new version.
        Interlocked.Exchange(ref _version, new CancellationTokenSource()).Cancel();
        return report;
    }

    // To the targets that are given, in place of those of the sections.
    private static void Attach(BpfObject live, ILookup<string, string> targets)
    {
        if (targets.Count == 0)
        {
            live.Attach();
            return;
        }

        foreach (BpfProgram program in live.Programs.Where(static program => program.IsLoaded))
        {
            foreach (string target in targets[program.Name])
            {
                AttachTargets.Attach(program, target);
            }

            if (!targets.Contains(program.Name))
            {
                program.AutoAttach();
            }
        }

        foreach (BpfStructOps structOps in live.StructOps.Where(static one => one.Map.IsCreated && one.Link is null))
        {
            structOps.Attach();
        }
    }

    /// <summary>Passes events to the handler, one at a time, until the token ends it.</summary>
    internal async Task ReadAsync(Action<JsonNode?> handler, CancellationToken stop)
    {
        var gate = new Lock();
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(stop);
        while (!failed.IsCancellationRequested)
        {
            using var end = CancellationTokenSource.CreateLinkedTokenSource(failed.Token, Volatile.Read(ref _version).Token);
            BpfObjectValues values = Values;
            await Task.WhenAll([.. values.EventMaps.Select(name => Read(values, name, end.Token)), WatchAsync(values, end.Token)]).ConfigureAwait(false);
        }

        async Task Read(BpfObjectValues values, string name, CancellationToken end)
        {
            try
            {
                await foreach (JsonNode? record in values.ReadAllAsync(name, end).ConfigureAwait(false))
                {
                    lock (gate)
                    {
                        handler(record);
                    }
                }
            }
            catch (OperationCanceledException)
            {
                // What is left in the ring is read by the next version, or after the programs are detached.
            }
            catch
            {
                // The others end, so that the failure is reported.
                await failed.CancelAsync().ConfigureAwait(false);
                throw;
            }
        }
    }

    // Until the end, with and without a ring buffer.
    private static async Task WatchAsync(BpfObjectValues values, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            values.Watch();
            await Task.Delay(TimeSpan.FromSeconds(1), stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Detaches all programs, unless they stay, then passes on the events that are left.</summary>
    internal void Finish(Action<JsonNode?> handler)
    {
        foreach (BpfProgramLink link in Stays ? [] : _live.Links)
        {
            link.Dispose();
        }

        foreach (string name in Values.EventMaps)
        {
            Values.Consume(name, handler);
        }
    }

    public void Dispose() => _live.Dispose();
}
