using System.Collections;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hypermesh.Bpf.Maps.Keyed;

namespace Hypermesh.Bpf;

/// <summary>The entries that one read of a per-CPU map returned. A batch that is reused allocates nothing once it has the map's size. Not thread-safe.</summary>
/// <typeparam name="TKey">The key's type; <see cref="int"/> for arrays.</typeparam>
/// <typeparam name="TValue">The value's type on one CPU.</typeparam>
public sealed class BpfPerCpuMapBatch<TKey, TValue> : IReadOnlyList<KeyValuePair<TKey, PerCpu<TValue>>>
    where TKey : unmanaged
    where TValue : unmanaged
{
    private readonly PossibleCpus _cpus;

    /// <summary>Creates an empty batch for the running kernel's CPUs.</summary>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public BpfPerCpuMapBatch()
        : this(PossibleCpus.Current)
    {
    }

    internal BpfPerCpuMapBatch(PossibleCpus cpus)
    {
        _cpus = cpus;
        Buffer = new EntryBuffer(Unsafe.SizeOf<TKey>(), PerCpu<TValue>.StrideInWords * sizeof(ulong) * cpus.Count);
    }

    /// <summary>The number of entries of the last read.</summary>
    public int Count => Buffer.Count;

    /// <summary>The keys of the last read; valid until the next read.</summary>
    public ReadOnlySpan<TKey> Keys
        => Count == 0 ? [] : MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<byte, TKey>(ref Buffer.KeyAt(0)), Count);

    internal EntryBuffer Buffer { get; }

    /// <summary>Gets one entry; its values are valid until the next read.</summary>
    /// <param name="index">Its index, from 0; the order has no meaning for hashes and is the index for arrays.</param>
    /// <exception cref="IndexOutOfRangeException">There are fewer entries.</exception>
    public KeyValuePair<TKey, PerCpu<TValue>> this[int index]
        => new(Keys[index], new PerCpu<TValue>(Buffer.ValueWords, index * PerCpu<TValue>.StrideInWords * _cpus.Count, _cpus));

    /// <summary>Enumerates the entries; allocates nothing.</summary>
    public Enumerator GetEnumerator() => new(this);

    IEnumerator<KeyValuePair<TKey, PerCpu<TValue>>> IEnumerable<KeyValuePair<TKey, PerCpu<TValue>>>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Enumerates the entries of a <see cref="BpfPerCpuMapBatch{TKey, TValue}"/>.</summary>
    public struct Enumerator : IEnumerator<KeyValuePair<TKey, PerCpu<TValue>>>
    {
        private readonly BpfPerCpuMapBatch<TKey, TValue> _batch;
        private int _index;

        internal Enumerator(BpfPerCpuMapBatch<TKey, TValue> batch)
        {
            _batch = batch;
            _index = -1;
        }

        /// <inheritdoc/>
        public readonly KeyValuePair<TKey, PerCpu<TValue>> Current => _batch[_index];

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
