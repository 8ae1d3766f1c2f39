using Hypermesh.Bpf.Monitoring.Figures;
using Hypermesh.Bpf.Monitoring.Files;

namespace Hypermesh.Bpf.Monitoring;

/// <summary>What was done to a file.</summary>
public enum FileOperation
{
    /// <summary>It was opened or created.</summary>
    Open,

    /// <summary>It, or an empty folder, was removed.</summary>
    Unlink,

    /// <summary>It was renamed.</summary>
    Rename,
}

/// <summary>How an operation was asked for.</summary>
public enum FileWay
{
    /// <summary>By a system call.</summary>
    SystemCall,

    /// <summary>Through io_uring, which hooks of system calls do not see.</summary>
    IoUring,
}

/// <summary>
/// The operations on files between two readings. It is created once by <see cref="FileMonitor.NewReading"/> and filled by each <see cref="KernelMonitor{TReading}.Read(TReading)"/>, so that reading
/// allocates nothing. What the monitor does itself to prove its hooks is not included.
/// </summary>
public sealed class FileReading : MonitorReading
{
    private static readonly MetricLabels s_ring = new(FileMonitor.MonitorName, "events");

    private readonly FileFigures[] _figures =
        [.. Enum.GetValues<FileWay>().SelectMany(static way => Enum.GetValues<FileOperation>().Select(operation => new FileFigures(operation, way)))];

    private readonly ulong[] _submitted = new ulong[FileNames.Operations.Length];
    private readonly bool _hasEvents;

    internal FileReading(bool hasEvents) => _hasEvents = hasEvents;

    /// <summary>The figures of each operation, by system call and then by io_uring, each in the order of <see cref="FileOperation"/>.</summary>
    public IReadOnlyList<FileFigures> Operations => _figures;

    /// <summary>Operations that were submitted to io_uring, in the order of <see cref="FileOperation"/>: what hooks of system calls do not see.</summary>
    public ReadOnlySpan<ulong> Submitted => _submitted;

    /// <summary>Events that the programs wrote or tried to write; 0 unless <see cref="FileMonitorOptions.Events"/> is set.</summary>
    public ulong EventsProduced { get; internal set; }

    /// <summary>Events that <see cref="FileMonitor.ReadAllAsync"/> returned.</summary>
    public ulong EventsDelivered { get; internal set; }

    /// <summary>Returns the figures of an operation.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="way">How it was asked for.</param>
    public FileFigures Of(FileOperation operation, FileWay way) => _figures[((int)way * FileNames.Operations.Length) + (int)operation];

    internal void Submit(FileOperation operation, ulong count) => _submitted[(int)operation] = count;

    internal override void Report(IFigureSink sink)
    {
        foreach (FileFigures figures in _figures)
        {
            ReadOnlySpan<ulong> results = figures.Results;
            for (int error = 0; error < results.Length; error++)
            {
                if (results[error] > 0 || error == 0)
                {
                    sink.Add(MetricTable.FileOperations, results[error], new MetricLabels(FileNames.Operations[(int)figures.Operation], FileNames.Ways[(int)figures.Way], FileNames.ErrorOf(error) ?? ""));
                }
            }
        }

        for (int operation = 0; operation < _submitted.Length; operation++)
        {
            sink.Add(MetricTable.FileUnattributed, _submitted[operation], new MetricLabels(FileNames.Operations[operation]));
        }

        if (_hasEvents)
        {
            sink.Add(MetricTable.EventsProduced, EventsProduced, s_ring);
            sink.Add(MetricTable.EventsDelivered, EventsDelivered, s_ring);
            sink.Add(MetricTable.EventsDropped, Dropped, s_ring);
        }
    }

    internal override void Clear()
    {
        EventsProduced = EventsDelivered = 0;
        Array.Clear(_submitted);
        foreach (FileFigures figures in _figures)
        {
            figures.Clear();
        }
    }
}

/// <summary>One operation, asked for in one way.</summary>
public sealed class FileFigures
{
    internal const int Rows = FileCall.FirstRingRow + 3;
    internal const int ResultCount = 128;

    private readonly ulong[] _results = new ulong[ResultCount];

    internal FileFigures(FileOperation operation, FileWay way) => (Operation, Way) = (operation, way);

    /// <summary>The operation.</summary>
    public FileOperation Operation { get; }

    /// <summary>How it was asked for.</summary>
    public FileWay Way { get; }

    /// <summary>How often it was done, or failed.</summary>
    public ulong Count { get; private set; }

    /// <summary>How often it failed.</summary>
    public ulong Failed => Count - _results[0];

    /// <summary>How often, by the number of the error: 0 is success, 2 is ENOENT. The last of the 128 has all greater ones.</summary>
    public ReadOnlySpan<ulong> Results => _results;

    internal void Add(int result, ulong count)
    {
        _results[result] += count;
        Count += count;
    }

    internal void Clear()
    {
        Array.Clear(_results);
        Count = 0;
    }
}
