using System.Buffers.Text;
using System.Text;

namespace Hypermesh.Bpf.Monitoring.KernelCounters;

/// <summary>The kernel's counters of all disks and partitions in <c>/proc/diskstats</c>, which need no hook. Read without allocating, apart from new devices.</summary>
internal sealed class DiskStats(ProcFile file) : IDisposable
{
    private readonly Dictionary<uint, DiskStatsRow> _rows = [];
    private readonly List<uint> _gone = [];
    private long _sequence;

    /// <summary>The devices of the last read; the key is the device number.</summary>
    internal Dictionary<uint, DiskStatsRow> Rows => _rows;

    public void Dispose() => file.Dispose();

    /// <summary>Opens the file; null where there is none.</summary>
    internal static DiskStats? TryOpen(string procFs) => ProcFile.TryOpen(Path.Combine(procFs, "diskstats")) is { } file ? new DiskStats(file) : null;

    /// <summary>Reads all devices, and removes those that are gone.</summary>
    /// <exception cref="BpfException">The file cannot be read any more.</exception>
    internal void Read()
    {
        _sequence++;
        Parse(file.Read());
        _gone.Clear();
        foreach (DiskStatsRow row in _rows.Values)
        {
            if (row.Sequence != _sequence)
            {
                _gone.Add(row.Number);
            }
        }

        foreach (uint number in _gone)
        {
            _rows.Remove(number);
        }
    }

    /// <summary>Takes the devices of a text. A line that is not understood, or has no end, is skipped.</summary>
    internal void Parse(ReadOnlySpan<byte> text)
    {
        while (!text.IsEmpty)
        {
            int end = text.IndexOf((byte)'\n');
            if (end < 0)
            {
                return;
            }

            ParseLine(text[..end]);
            text = text[(end + 1)..];
        }
    }

    private void ParseLine(ReadOnlySpan<byte> line)
    {
        if (!TryNumber(ref line, out ulong major) || !TryNumber(ref line, out ulong minor))
        {
            return;
        }

        ReadOnlySpan<byte> name = NextField(ref line);
        uint number = DeviceNumber.Make((uint)major, (uint)minor);
        if (!_rows.TryGetValue(number, out DiskStatsRow? row) || !row.IsNamed(name))
        {
            _rows[number] = row = new DiskStatsRow(number, name);
        }

        row.Sequence = _sequence;
        row.Values = ParseValues(line);
    }

    // Reads, writes, the state of the queue, discards (4.18), flushes (5.5): Documentation/admin-guide/iostats.rst. What a kernel does not have is 0.
    private static DiskStatsValues ParseValues(ReadOnlySpan<byte> line)
    {
        Span<ulong> fields = stackalloc ulong[17];
        fields.Clear();
        for (int i = 0; i < fields.Length && TryNumber(ref line, out ulong value); i++)
        {
            fields[i] = value;
        }

        return new DiskStatsValues
        {
            Reads = new(fields[0], fields[2], fields[3]),
            Writes = new(fields[4], fields[6], fields[7]),
            Discards = new(fields[11], fields[13], fields[14]),
            Flushes = new(fields[15], 0, fields[16]),
        };
    }

    private static ReadOnlySpan<byte> NextField(ref ReadOnlySpan<byte> line)
    {
        line = line.TrimStart((byte)' ');
        int end = line.IndexOf((byte)' ');
        ReadOnlySpan<byte> field = end < 0 ? line : line[..end];
        line = end < 0 ? default : line[end..];
        return field;
    }

    private static bool TryNumber(ref ReadOnlySpan<byte> line, out ulong value) => Utf8Parser.TryParse(NextField(ref line), out value, out _);
}

/// <summary>One device of <c>/proc/diskstats</c>.</summary>
internal sealed class DiskStatsRow(uint number, ReadOnlySpan<byte> name)
{
    private readonly byte[] _name = name.ToArray();

    internal uint Number { get; } = number;

    internal string Name { get; } = Encoding.UTF8.GetString(name);

    internal long Sequence { get; set; }

    internal DiskStatsValues Values { get; set; }

    internal bool IsNamed(ReadOnlySpan<byte> name) => name.SequenceEqual(_name);
}

/// <summary>The counters of one operation.</summary>
/// <param name="Operations">Requests that ended.</param>
/// <param name="Sectors">Sectors of 512 bytes that were completed.</param>
/// <param name="Milliseconds">The time from allocation to end of all requests together.</param>
internal readonly record struct DiskStatsCounts(ulong Operations, ulong Sectors, ulong Milliseconds)
{
    internal ulong Bytes => Sectors * 512;
}

/// <summary>The counters of one device.</summary>
internal readonly record struct DiskStatsValues
{
    internal DiskStatsCounts Reads { get; init; }

    internal DiskStatsCounts Writes { get; init; }

    internal DiskStatsCounts Flushes { get; init; }

    internal DiskStatsCounts Discards { get; init; }

    internal ulong Operations => Reads.Operations + Writes.Operations + Flushes.Operations + Discards.Operations;

    internal ulong Bytes => Reads.Bytes + Writes.Bytes + Discards.Bytes;

    /// <summary>True when a counter went back: it is another device's.</summary>
    internal bool IsLessThan(in DiskStatsValues other)
        => Reads.Sectors < other.Reads.Sectors || Writes.Sectors < other.Writes.Sectors || Discards.Sectors < other.Discards.Sectors || Operations < other.Operations;
}

/// <summary>Device numbers as the kernel keeps them: 12 bits for the major number, 20 for the minor.</summary>
internal static class DeviceNumber
{
    private const int MinorBits = 20;

    internal static uint Make(uint major, uint minor) => (major << MinorBits) | minor;

    internal static string Text(uint number) => $"{number >> MinorBits}:{number & ((1u << MinorBits) - 1)}";
}
