using System.Runtime.CompilerServices;

namespace Hypermesh.Bpf.Maps.Keyed;

/// <summary>Reads many entries: in batches (5.6; 13 to 15 times faster), or key by key if the kernel or the map type does not support batches.</summary>
internal static unsafe class MapReader
{
    // The maximum number of restarts of a read because the map changes meanwhile.
    private const int MostRestarts = 64;

    // A table that changes its size returns some entries twice.
    private const long WalksOfResizing = 4;

    /// <summary>Reads the whole map into the buffer. Nothing is allocated once the buffer has grown to the map's content.</summary>
    internal static int ReadAll(BpfMap map, EntryBuffer buffer) => ReadAll(map, buffer, take: false);

    /// <summary>Like <see cref="ReadAll(BpfMap, EntryBuffer)"/>, but removes the entries from the map.</summary>
    internal static int TakeAll(BpfMap map, EntryBuffer buffer) => map.Type == BpfMapType.RHash ? TakeAllResizing(map, buffer) : ReadAll(map, buffer, take: true);

    private static int ReadAll(BpfMap map, EntryBuffer buffer, bool take)
    {
        buffer.Restart();
        while (!buffer.Ended)
        {
            if (buffer.Count == buffer.Capacity)
            {
                buffer.Grow(map.MaxEntries);
            }

            Read(map, buffer, take);
        }

        return buffer.Count;
    }

    // While a table changes its size, which removing entries causes, the kernel's walk skips some entries and returns others twice. An entry that is removed by its key is
    // returned once, and only an empty map was read completely.
    private static int TakeAllResizing(BpfMap map, EntryBuffer buffer)
    {
        buffer.Restart();
        int before;
        do
        {
            before = buffer.Count;
            (buffer.Started, buffer.Ended, buffer.Steps) = (false, false, 0);
            while (!buffer.Ended)
            {
                if (buffer.Count == buffer.Capacity)
                {
                    buffer.Grow(map.MaxEntries);
                }

                ReadByKey(map, buffer, take: true);
            }
        }
        while (buffer.Count > before && buffer.Count < map.MaxEntries);
        return buffer.Count;
    }

    /// <summary>Reads the next part of the map into the buffer, from its start; false when there is no more.</summary>
    internal static bool ReadPart(BpfMap map, EntryBuffer buffer)
    {
        buffer.Count = 0;
        if (map.Type == BpfMapType.RHash)
        {
            // A part ends at a key, which may be removed before the next part is read; so the whole map is one part.
            return !buffer.Ended && ReadAll(map, buffer) > 0;
        }

        if (buffer.Capacity == 0)
        {
            buffer.Grow(map.MaxEntries);
        }

        while (!buffer.Ended && buffer.Count == 0)
        {
            // The batches of a trie continue after the last returned key, which the caller may have removed; those of a hash go by bucket.
            if (map.Type == BpfMapType.LpmTrie)
            {
                ReadByKey(map, buffer, take: false);
            }
            else
            {
                Read(map, buffer, take: false);
            }
        }

        return buffer.Count > 0;
    }

    private static void Read(BpfMap map, EntryBuffer buffer, bool take)
    {
        if (map.MapHandle.HasNoBatch || !TryReadBatch(map, buffer, take))
        {
            ReadByKey(map, buffer, take);
        }
    }

    private static bool TryReadBatch(BpfMap map, EntryBuffer buffer, bool take)
    {
        uint count = (uint)(buffer.Capacity - buffer.Count);
        long result;
        fixed (ulong* cursor = buffer.Cursor, next = buffer.NextCursor)
        fixed (byte* keys = &buffer.KeyAt(buffer.Count), values = &buffer.ValueAt(buffer.Count))
        {
            result = MapCalls.Batch(map.MapHandle, Command(take), buffer.Started ? cursor : null, next, keys, values, ref count);
        }

        switch ((int)-result)
        {
            case 0:
                buffer.MoveCursor();
                buffer.Count += (int)count;
                return true;
            case Errno.ENOENT:
                buffer.Ended = true;
                buffer.Count += (int)count;
                return true;
            case Errno.ENOSPC:
                // One bucket of the hash has more entries than the buffer.
                buffer.Grow(map.MaxEntries);
                return true;
            case Errno.EINTR:
                return true;
            case Errno.EAGAIN when map.Type == BpfMapType.RHash && buffer.Steps < MostRestarts:
                // The key at which the next batch would start was removed.
                long restarts = buffer.Steps + 1;
                buffer.Restart();
                buffer.Steps = restarts;
                return true;
            case Errno.EAGAIN when map.Type == BpfMapType.RHash:
                throw Unsteady(map);
            case Errno.EINVAL or Errno.ENOTSUPP or Errno.EOPNOTSUPP when !buffer.Started:
                map.MapHandle.HasNoBatch = true;
                return false;
            case Errno.EOPNOTSUPP when map.MapHandle.Earlier is not null:
                // A hot reload has replaced it.
                throw Unsteady(map);
            default:
                map.ThrowSyscall(Command(take), result, take ? "Emptying" : "Reading");
                return false;
        }
    }

    // The walk is one key ahead of the reading, so that the caller can remove the entries it got.
    private static void ReadByKey(BpfMap map, EntryBuffer buffer, bool take)
    {
        fixed (ulong* cursor = buffer.Cursor)
        {
            if (!buffer.Started)
            {
                buffer.Started = true;
                Step(map, buffer, null, cursor);
            }

            while (!buffer.Ended && buffer.Count < buffer.Capacity)
            {
                fixed (byte* key = &buffer.KeyAt(buffer.Count), value = &buffer.ValueAt(buffer.Count))
                {
                    Unsafe.CopyBlockUnaligned(key, cursor, (uint)buffer.KeySize);
                    Step(map, buffer, key, cursor);
                    long result = take ? MapCalls.LookupAndDelete(map.MapHandle, key, value) : MapCalls.Lookup(map.MapHandle, key, value);
                    if (result != -Errno.ENOENT)
                    {
                        Check(map, take ? BpfCommand.MapLookupAndDeleteElement : BpfCommand.MapLookupElement, result);
                        buffer.Count++;
                    }
                }
            }
        }
    }

    private static void Step(BpfMap map, EntryBuffer buffer, void* key, void* next)
    {
        long result = MapCalls.NextKey(map.MapHandle, key, next);
        if (result == -Errno.ENOENT)
        {
            buffer.Ended = true;
            return;
        }

        Check(map, BpfCommand.MapGetNextKey, result);

        // After a key that was deleted meanwhile, the kernel starts from the beginning; without a limit that may never end.
        if (++buffer.Steps > (map.MaxEntries * (map.Type == BpfMapType.RHash ? WalksOfResizing : 1)) + (map.MapHandle.Earlier?.MaxEntries ?? 0))
        {
            throw Unsteady(map);
        }
    }

    internal static BpfException Unsteady(BpfMap map) => new(
        $"Map {map.Name} changed too much while it was read: read it again, or less often.", map.MapHandle.ObjectName, map.Name);

    private static BpfCommand Command(bool take) => take ? BpfCommand.MapLookupAndDeleteBatch : BpfCommand.MapLookupBatch;

    private static void Check(BpfMap map, BpfCommand command, long result)
    {
        if (result < 0)
        {
            map.ThrowSyscall(command, result, "Reading");
        }
    }
}

/// <summary>A buffer for the keys and values of many entries, and the position of a read. It grows to the content of a map and is then reused.</summary>
internal sealed class EntryBuffer
{
    private const int FirstCapacity = 256;

    private readonly int _keySize;
    private readonly int _valueSize;
    private ulong[] _keys = [];
    private ulong[] _values = [];

    internal EntryBuffer(int keySize, int valueSize)
    {
        _keySize = keySize;
        _valueSize = valueSize;

        // The cursor of a hash has 4 bytes, whatever its key; all other cursors are keys.
        Cursor = new ulong[Words(Math.Max(keySize, sizeof(ulong)))];
        NextCursor = new ulong[Cursor.Length];
    }

    internal int Capacity { get; private set; }

    internal int Count { get; set; }

    /// <summary>Whether <see cref="Cursor"/> is set.</summary>
    internal bool Started { get; set; }

    internal bool Ended { get; set; }

    /// <summary>The number of keys visited so far, if they are visited one by one.</summary>
    internal long Steps { get; set; }

    internal ulong[] Cursor { get; private set; }

    internal ulong[] NextCursor { get; private set; }

    internal int KeySize => _keySize;

    internal ulong[] ValueWords => _values;

    internal ref byte KeyAt(int index) => ref Unsafe.Add(ref Unsafe.As<ulong, byte>(ref _keys[0]), (nint)index * _keySize);

    internal ref byte ValueAt(int index) => ref Unsafe.Add(ref Unsafe.As<ulong, byte>(ref _values[0]), (nint)index * _valueSize);

    internal void Restart()
    {
        Count = 0;
        Started = false;
        Ended = false;
        Steps = 0;
    }

    internal void MoveCursor()
    {
        Started = true;
        (Cursor, NextCursor) = (NextCursor, Cursor);
    }

    /// <summary>Grows the buffer; it keeps its entries.</summary>
    internal void Grow(long maxEntries)
    {
        // More entries than the map holds are needed only if the map changes while it is read.
        long wanted = Capacity == 0 ? Math.Min(FirstCapacity, Math.Max(1, maxEntries)) : Capacity * 2L;
        Capacity = checked((int)wanted);
        Array.Resize(ref _keys, Words(wanted * _keySize));
        Array.Resize(ref _values, Words(wanted * _valueSize));
    }

    /// <summary>Replaces the value buffer, so that views of the old values stay unchanged.</summary>
    internal void ReplaceValues() => _values = new ulong[_values.Length];

    private static int Words(long bytes) => checked((int)((bytes + 7) / 8));
}
