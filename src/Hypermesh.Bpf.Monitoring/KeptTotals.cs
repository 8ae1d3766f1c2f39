using System.Runtime.InteropServices;
using Hypermesh.Bpf.Monitoring.Keeping;
using Hypermesh.Bpf.Monitoring.Series;
using Microsoft.Extensions.Logging;

namespace Hypermesh.Bpf.Monitoring;

/// <summary>
/// The totals of a set, and the last counts of its monitors, in memory of the kernel. Each state is written to the half that does not hold the last one, and its number is written last. After a kill, one complete state remains.
/// </summary>
internal sealed class KeptTotals : IDisposable
{
    /// <summary>The subfolder for objects that are not monitors, such as those of <c>hmbpf serve --with</c>.</summary>
    internal const string FolderOfOthers = "with";

    private const string OwnFolder = "totals";
    private const int Format = 1;

    private readonly BpfHandover _handover;
    private readonly string _folder;
    private readonly KeptSkeleton _object;
    private readonly BpfMappedArray<KeptSkeleton.Page> _pages;
    private readonly ILogger? _logger;
    private readonly Dictionary<string, ReadOnlyMemory<byte>> _monitors = new(StringComparer.Ordinal);
    private StateReader? _totals;
    private long _number;
    private bool _isFull;

    private KeptTotals(BpfHandover handover, string folder, KeptSkeleton kept, ILogger? logger)
    {
        _handover = handover;
        _folder = folder;
        _object = kept;
        _pages = kept.Maps.Pages.Map();
        _logger = logger;
        if (ReadLast() is not { } state)
        {
            return;
        }

        _totals = new StateReader(state.ReadBytes());
        while (!state.IsAtEnd)
        {
            string name = state.ReadText() ?? "";
            _monitors[name] = state.ReadBytes();
        }
    }

    /// <summary>Opens what a predecessor has left, or begins.</summary>
    /// <exception cref="BpfException">The folder is in use, or cannot be used, or has a state that cannot be read.</exception>
    internal static KeptTotals Open(BpfHandover handover, ILoggerFactory? loggers)
    {
        string folder = Path.Combine(handover.Folder, OwnFolder);
        KeptSkeleton kept = KeptSkeleton.Open().Load(new BpfLoadOptions { LoggerFactory = loggers, Handover = new BpfHandover(folder) { Wait = handover.Wait } });
        try
        {
            return new KeptTotals(handover, folder, kept, loggers?.CreateLogger<KeptTotals>());
        }
        catch (Exception reason)
        {
            kept.Dispose();
            if (reason is InvalidDataException)
            {
                throw Unreadable(folder, reason);
            }

            throw;
        }
    }

    /// <summary>Whether a folder is that of a set, with a subfolder for each monitor.</summary>
    internal static bool IsOfSet(string folder) => File.Exists(Path.Combine(folder, OwnFolder, "manifest"));

    /// <summary>Whether a folder is the one with the totals of a set.</summary>
    internal static bool IsTotalsFolder(string folder) => Path.GetFileName(folder) == OwnFolder;

    /// <summary>Hands the totals of the predecessor to the store; nothing where there was none.</summary>
    /// <exception cref="BpfException">They cannot be read.</exception>
    internal void Restore(MetricStore store)
    {
        try
        {
            if (_totals is not null)
            {
                store.Restore(_totals);
                _totals = null;
            }
        }
        catch (InvalidDataException reason)
        {
            throw Unreadable(_folder, reason);
        }
    }

    /// <summary>Finds the last counts of a monitor; null if there are none.</summary>
    internal StateReader? FindCounts(string name) => _monitors.TryGetValue(name, out ReadOnlyMemory<byte> content) ? new StateReader(content) : null;

    /// <summary>Writes the state after a reading. Of monitors that do not run now, it keeps the last one.</summary>
    internal void Write(MetricStore store, MonitorSlot[] slots)
    {
        using BpfMappedSpan<KeptSkeleton.Page> shared = _pages.Use();
        Span<byte> half = Half(shared.Span, (int)(_number & 1));
        ref long number = ref MemoryMarshal.AsRef<long>(half);
        Volatile.Write(ref number, 0);
        Interlocked.MemoryBarrier();
        MemoryMarshal.Write(half[sizeof(long)..], Format);
        var writer = new StateWriter(half[(sizeof(long) + sizeof(int))..]);
        int state = writer.Begin(), totals = writer.Begin();
        lock (store.Gate)
        {
            store.Save(ref writer);
        }

        writer.End(totals);
        foreach (MonitorSlot slot in slots)
        {
            if (slot.Monitor is { } monitor)
            {
                writer.Write(slot.Name);
                int part = writer.Begin();
                monitor.Save(ref writer);
                writer.End(part);
                _monitors.Remove(slot.Name);
            }
        }

        foreach ((string name, ReadOnlyMemory<byte> content) in _monitors)
        {
            writer.Write(name);
            writer.WriteAll(content.Span);
        }

        writer.End(state);
        if (writer.Fits)
        {
            Volatile.Write(ref number, ++_number);
        }
        else if (!_isFull)
        {
            _isFull = true;
            _logger?.StateTooLarge(_folder, writer.Length, half.Length);
        }
    }

    /// <summary>Removes what a predecessor has left of a monitor that does not run now; nothing if there is nothing.</summary>
    internal void Remove(string name)
    {
        string folder = Path.Combine(_handover.Folder, name);
        if (Directory.Exists(folder))
        {
            new BpfHandover(folder) { Wait = _handover.Wait }.Remove();
        }
    }

    /// <summary>Removes the pins.</summary>
    internal void Withdraw() => _object.Live.Withdraw();

    public void Dispose()
    {
        _pages.Dispose();
        _object.Dispose();
    }

    private static BpfException Unreadable(string folder, Exception reason)
        => new($"The totals in {folder} cannot be read by this version: {reason.Message} Start with another folder, or without them: hmbpf pin clean {Path.GetDirectoryName(folder)}.", reason);

    private static Span<byte> Half(Span<KeptSkeleton.Page> pages, int half) => MemoryMarshal.AsBytes(pages.Slice(half * (pages.Length / 2), pages.Length / 2));

    private StateReader? ReadLast()
    {
        using BpfMappedSpan<KeptSkeleton.Page> shared = _pages.Use();
        ReadOnlySpan<byte> last = default;
        for (int i = 0; i < 2; i++)
        {
            Span<byte> half = Half(shared.Span, i);
            long number = Volatile.Read(ref MemoryMarshal.AsRef<long>(half));
            if (number > _number)
            {
                _number = number;
                last = half[sizeof(long)..];
            }
        }

        if (_number == 0)
        {
            return null;
        }

        int format = MemoryMarshal.Read<int>(last), length = MemoryMarshal.Read<int>(last[sizeof(int)..]);
        return format == Format && length >= 0 && length <= last.Length - (2 * sizeof(int))
            ? new StateReader(last.Slice(2 * sizeof(int), length).ToArray())
            : throw new InvalidDataException(format == Format ? "its length is wrong." : $"its format is {format}, and this version knows {Format}.");
    }
}

internal static partial class KeptLog
{
    [LoggerMessage(EventId = 2, Level = LogLevel.Warning, Message = "The totals in {Folder} take {Length} bytes, and there is room for {Room}: a successor begins with those of an earlier reading. Use fewer series.")]
    internal static partial void StateTooLarge(this ILogger logger, string folder, int length, int room);
}
