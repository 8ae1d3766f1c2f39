using System.Collections;
using Hypermesh.Bpf.Maps;
using Hypermesh.Bpf.Maps.Keyed;

namespace Hypermesh.Bpf;

/// <summary>An array with a value for each CPU (<c>BPF_MAP_TYPE_PERCPU_ARRAY</c>, 4.6): all indexes exist from the start, with zeroed values.</summary>
/// <typeparam name="TValue">The value's type on one CPU, with the layout it has in the C.</typeparam>
public sealed unsafe class BpfPerCpuArrayMap<TValue> : BpfMap, IEnumerable<KeyValuePair<int, PerCpu<TValue>>>
    where TValue : unmanaged
{
    private readonly PossibleCpus _cpus;

    /// <summary>Creates a typed view of a map.</summary>
    /// <param name="handle">The map.</param>
    /// <exception cref="BpfException">The map is of another type, or its value's size is not that of the type.</exception>
    public BpfPerCpuArrayMap(BpfMapHandle handle)
        : base(handle, [BpfMapType.PerCpuArray])
    {
        CheckKey<int>();
        CheckValue<TValue>();
        CheckIndexable();
        _cpus = PossibleCpus.Of(handle.Kernel);
    }

    /// <summary>The number of elements.</summary>
    public int Count => (int)MapHandle.MaxEntries;

    /// <summary>Reads one element into newly allocated values, or writes one.</summary>
    /// <param name="index">Its index.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such index.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public PerCpu<TValue> this[int index]
    {
        get
        {
            PerCpu<TValue> values = PerCpu<TValue>.Allocate(_cpus);
            Read(index, values);
            return values;
        }
        set
        {
            this.CheckIndex(index);
            fixed (byte* v = &value.Bytes(_cpus))
            {
                this.Updated(MapCalls.Update(MapHandle, &index, v, UpdateMode.Any), UpdateMode.Any);
            }
        }
    }

    /// <summary>Reads one element; allocates nothing.</summary>
    /// <param name="index">Its index.</param>
    /// <param name="into">Receives the values; from <see cref="PerCpu{TValue}.Allocate()"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such index.</exception>
    /// <exception cref="ArgumentException">The values are not allocated.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public void Read(int index, PerCpu<TValue> into)
    {
        this.CheckIndex(index);
        fixed (byte* v = &into.Bytes(_cpus))
        {
            this.WasFound(MapCalls.Lookup(MapHandle, &index, v), BpfCommand.MapLookupElement, "Reading");
        }
    }

    /// <summary>Reads only one CPU's value (7.0).</summary>
    /// <param name="index">Its index.</param>
    /// <param name="cpu">The CPU's number.</param>
    /// <param name="value">Its value.</param>
    /// <returns>False when there is no such element.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such CPU.</exception>
    /// <exception cref="BpfFeatureNotSupportedException">The kernel is older than 7.0.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public bool TryGetOneCpu(int index, int cpu, out TValue value)
    {
        this.CheckIndex(index);
        return OneCpuCalls.TryGet(this, _cpus, &index, cpu, out value);
    }

    /// <summary>Writes only one CPU's value (7.0); the others stay unchanged.</summary>
    /// <param name="index">Its index.</param>
    /// <param name="cpu">The CPU's number.</param>
    /// <param name="value">Its value.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such CPU.</exception>
    /// <exception cref="BpfFeatureNotSupportedException">The kernel is older than 7.0.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public void SetOneCpu(int index, int cpu, in TValue value)
    {
        this.CheckIndex(index);
        OneCpuCalls.Set(this, _cpus, &index, cpu, in value);
    }

    /// <summary>Writes the same value for all CPUs, without a buffer for all of them (7.0).</summary>
    /// <param name="index">Its index.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="BpfFeatureNotSupportedException">The kernel is older than 7.0; <see cref="PerCpu{TValue}.Fill"/> and an update do the same on any kernel.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public void SetAllCpus(int index, in TValue value)
    {
        this.CheckIndex(index);
        OneCpuCalls.SetAll(this, &index, in value);
    }

    /// <summary>Reads all elements into a reusable batch, in batches if the kernel supports it (5.13): nothing is allocated after the first time.</summary>
    /// <param name="batch">Receives the entries; its previous content is replaced.</param>
    /// <returns>The number of entries.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public int Read(BpfPerCpuMapBatch<int, TValue> batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return MapReader.ReadAll(this, batch.Buffer);
    }

    /// <summary>Enumerates the elements by index; their values stay valid.</summary>
    public IEnumerator<KeyValuePair<int, PerCpu<TValue>>> GetEnumerator()
    {
        var batch = new BpfPerCpuMapBatch<int, TValue>(_cpus);
        while (MapReader.ReadPart(this, batch.Buffer))
        {
            for (int i = 0; i < batch.Count; i++)
            {
                yield return batch[i];
            }

            batch.Buffer.ReplaceValues();
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
