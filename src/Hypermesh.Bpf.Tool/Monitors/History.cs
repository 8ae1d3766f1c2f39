using Hypermesh.Bpf.Monitoring;
using Hypermesh.Bpf.Monitoring.Figures;

namespace Hypermesh.Bpf.Tool.Monitors;

/// <summary>The last readings, as far as the screens need them: the newest one whole, of the earlier ones the slots of their histograms.</summary>
internal sealed class History
{
    /// <summary>The number of readings whose histograms are kept: the columns of the widest screen.</summary>
    internal const int Length = 240;

    private readonly Dictionary<string, Queue<ulong[]>> _slots = new(StringComparer.Ordinal);
    private int _count;

    /// <summary>The newest reading; null before the first.</summary>
    internal Snapshot? Latest { get; private set; }

    /// <summary>Events that were lost since the first reading: those for which a ring had no room, and those at which the kernel skipped a program.</summary>
    internal ulong Lost { get; private set; }

    internal void Add(Snapshot snapshot)
    {
        Latest = snapshot;
        var slots = new Dictionary<string, ulong[]>(StringComparer.Ordinal);
        foreach (MonitorSnapshot monitor in snapshot.Monitors)
        {
            Lost += monitor.Dropped + monitor.Missed;
            foreach (Figure figure in monitor.Figures.Values)
            {
                if (figure.Metric.Kind == MetricKind.Histogram && Whole(monitor, figure) is { } all)
                {
                    slots.Add(figure.Metric.Name, all.Slots.ToArray());
                }
            }
        }

        // A reading without the histogram is a column without values.
        foreach (string name in slots.Keys.Except(_slots.Keys, StringComparer.Ordinal).ToArray())
        {
            _slots.Add(name, new Queue<ulong[]>(Enumerable.Repeat(Array.Empty<ulong>(), _count)));
        }

        foreach ((string name, Queue<ulong[]> queue) in _slots)
        {
            queue.Enqueue(slots.GetValueOrDefault(name, []));
            if (queue.Count > Length)
            {
                queue.Dequeue();
            }
        }

        _count = Math.Min(_count + 1, Length);
    }

    // The time of a request in the queue is not its time in the device.
    private static Exp2Histogram? Whole(MonitorSnapshot monitor, Figure figure)
        => figure.Metric == MetricTable.DiskDuration ? monitor.Values(figure.Metric, "device") : figure.Merge();

    /// <summary>Forgets all readings.</summary>
    /// <param name="lost">The events that were lost before the next one that is added.</param>
    internal void Clear(ulong lost)
    {
        _slots.Clear();
        _count = 0;
        Latest = null;
        Lost = lost;
    }

    /// <summary>The slots of a histogram in the last readings, the oldest first.</summary>
    internal IReadOnlyCollection<ulong[]> SlotsOf(Metric metric) => _slots.TryGetValue(metric.Name, out Queue<ulong[]>? slots) ? slots : [];
}
