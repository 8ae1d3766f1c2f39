using System.Runtime.CompilerServices;

namespace Hypermesh.Bpf;

/// <summary>Room for the keys and values of many entries, and the place a read has come to. It grows to what a map holds and then stays.</summary>
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

        // A hash's cursor is 4 bytes whatever its key; everyone else's is a key.
        Cursor = new ulong[Words(Math.Max(keySize, sizeof(ulong)))];
        NextCursor = new ulong[Cursor.Length];
    }

    internal int Capacity { get; private set; }

    internal int Count { get; set; }

    /// <summary>Whether <see cref="Cursor"/> says anything yet.</summary>
    internal bool Started { get; set; }

    internal bool Ended { get; set; }

    /// <summary>Keys passed so far, where they are walked one by one.</summary>
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

    /// <summary>Makes room for more entries; those it has stay.</summary>
    internal void Grow(long maxEntries)
    {
        // One entry more than the map holds is never asked for, except by a map that changes while it is read.
        long wanted = Capacity == 0 ? Math.Min(FirstCapacity, Math.Max(1, maxEntries)) : Capacity * 2L;
        Capacity = checked((int)wanted);
        Array.Resize(ref _keys, Words(wanted * _keySize));
        Array.Resize(ref _values, Words(wanted * _valueSize));
    }

    /// <summary>Gives the values a new home, so that views of the old ones stay as they are.</summary>
    internal void ReplaceValues() => _values = new ulong[_values.Length];

    private static int Words(long bytes) => checked((int)((bytes + 7) / 8));
}
