using System.Collections;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hypermesh.Bpf.Maps.Keyed;

namespace Hypermesh.Bpf;

/// <summary>The entries that one read of a map returned. A batch that is reused allocates nothing once it has the map's size. Not thread-safe.</summary>
/// <typeparam name="TKey">The key's type.</typeparam>
/// <typeparam name="TValue">The value's type.</typeparam>
public sealed class BpfMapBatch<TKey, TValue> : IReadOnlyList<KeyValuePair<TKey, TValue>>
    where TKey : unmanaged
    where TValue : unmanaged
{
    /// <summary>Creates an empty batch.</summary>
    public BpfMapBatch()
        => Buffer = new EntryBuffer(Unsafe.SizeOf<TKey>(), Unsafe.SizeOf<TValue>());

    /// <summary>The number of entries of the last read.</summary>
    public int Count => Buffer.Count;

    /// <summary>The keys of the last read; valid until the next read.</summary>
    public ReadOnlySpan<TKey> Keys
        => Count == 0 ? [] : MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<byte, TKey>(ref Buffer.KeyAt(0)), Count);

    /// <summary>The values of the last read, in the order of <see cref="Keys"/>; valid until the next read.</summary>
    public ReadOnlySpan<TValue> Values
        => Count == 0 ? [] : MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<byte, TValue>(ref Buffer.ValueAt(0)), Count);

    internal EntryBuffer Buffer { get; }

    /// <summary>Makes the next partial read start at the beginning of the map.</summary>
    public void Restart() => Buffer.Restart();

    /// <summary>Gets one entry.</summary>
    /// <param name="index">Its index, from 0; the order has no meaning.</param>
    /// <exception cref="IndexOutOfRangeException">There are fewer entries.</exception>
    public KeyValuePair<TKey, TValue> this[int index] => new(Keys[index], Values[index]);

    /// <summary>Enumerates the entries; allocates nothing.</summary>
    public Enumerator GetEnumerator() => new(this);

    IEnumerator<KeyValuePair<TKey, TValue>> IEnumerable<KeyValuePair<TKey, TValue>>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Enumerates the entries of a <see cref="BpfMapBatch{TKey, TValue}"/>.</summary>
    public struct Enumerator : IEnumerator<KeyValuePair<TKey, TValue>>
    {
        private readonly BpfMapBatch<TKey, TValue> _batch;
        private int _index;

        internal Enumerator(BpfMapBatch<TKey, TValue> batch)
        {
            _batch = batch;
            _index = -1;
        }

        /// <inheritdoc/>
        public readonly KeyValuePair<TKey, TValue> Current => _batch[_index];

        readonly object IEnumerator.Current => Current;

        /// <inheritdoc/>
        public bool MoveNext() => ++_index < _batch.Count;

        /// <inheritdoc/>
        public void Reset() => _index = -1;

        /// <inheritdoc/>
        public readonly void Dispose()
        {
        }
    }
}
