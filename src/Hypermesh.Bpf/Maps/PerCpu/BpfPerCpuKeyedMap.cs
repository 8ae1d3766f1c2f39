using System.Buffers;
using System.Collections;
using System.Runtime.InteropServices;
using Hypermesh.Bpf.Features;
using Hypermesh.Bpf.Maps;
using Hypermesh.Bpf.Maps.Keyed;

namespace Hypermesh.Bpf;

/// <summary>Base class of hash maps with a value for each CPU.</summary>
/// <typeparam name="TKey">The key's type, with the layout it has in the C.</typeparam>
/// <typeparam name="TValue">The value's type on one CPU, with the layout it has in the C.</typeparam>
public abstract unsafe class BpfPerCpuKeyedMap<TKey, TValue> : BpfMap, IEnumerable<KeyValuePair<TKey, PerCpu<TValue>>>
    where TKey : unmanaged
    where TValue : unmanaged
{
    private protected BpfPerCpuKeyedMap(BpfMapHandle handle, params ReadOnlySpan<BpfMapType> allowed)
        : base(handle, allowed)
    {
        CheckKey<TKey>();
        CheckValue<TValue>();
        Cpus = PossibleCpus.Of(handle.Kernel);
    }

    private PossibleCpus Cpus { get; }

    /// <summary>Reads one entry into newly allocated values, or writes one.</summary>
    /// <param name="key">The key.</param>
    /// <exception cref="KeyNotFoundException">There is no entry with that key.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; E2BIG: the map is full.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public PerCpu<TValue> this[in TKey key]
    {
        get => TryGetValue(in key, out PerCpu<TValue> values) ? values : throw this.NoEntry(in key);
        set => Update(in key, value, UpdateMode.Any);
    }

    /// <summary>Reads one entry; allocates nothing.</summary>
    /// <param name="key">The key.</param>
    /// <param name="into">Receives the values; from <see cref="PerCpu{TValue}.Allocate()"/>.</param>
    /// <returns>False when there is no such entry.</returns>
    /// <exception cref="ArgumentException">The values are not allocated.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public bool TryGetValue(in TKey key, PerCpu<TValue> into)
    {
        fixed (TKey* k = &key)
        fixed (byte* v = &into.Bytes(Cpus))
        {
            return this.WasFound(MapCalls.Lookup(MapHandle, k, v), BpfCommand.MapLookupElement, "Reading");
        }
    }

    /// <summary>Reads one entry into newly allocated values.</summary>
    /// <param name="key">The key.</param>
    /// <param name="values">The values of all CPUs; empty without an entry.</param>
    /// <returns>False when there is no such entry.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public bool TryGetValue(in TKey key, out PerCpu<TValue> values)
    {
        PerCpu<TValue> room = PerCpu<TValue>.Allocate(Cpus);
        bool found = TryGetValue(in key, room);
        values = found ? room : default;
        return found;
    }

    /// <summary>Returns true if there is an entry with that key.</summary>
    /// <param name="key">The key.</param>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public bool ContainsKey(in TKey key) => TryGetValue(in key, out PerCpu<TValue> _);

    /// <summary>Adds an entry if the key does not exist.</summary>
    /// <param name="key">The key.</param>
    /// <param name="values">The values of all CPUs.</param>
    /// <returns>False when the key already exists; its entry is unchanged.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; E2BIG: the map is full.</exception>
    public bool TryAdd(in TKey key, PerCpu<TValue> values) => Update(in key, values, UpdateMode.Add);

    /// <summary>Changes an existing entry.</summary>
    /// <param name="key">The key.</param>
    /// <param name="values">The values of all CPUs.</param>
    /// <returns>False when there is no entry with that key; none is created.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public bool TryUpdate(in TKey key, PerCpu<TValue> values) => Update(in key, values, UpdateMode.Replace);

    /// <summary>Removes an entry.</summary>
    /// <param name="key">The key.</param>
    /// <returns>False when there was no entry with that key.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public bool Remove(in TKey key)
    {
        fixed (TKey* k = &key)
        {
            return this.WasFound(MapCalls.Delete(MapHandle, k), BpfCommand.MapDeleteElement, "Removing from");
        }
    }

    /// <summary>Removes an entry and returns its values in one step (5.14).</summary>
    /// <param name="key">The key.</param>
    /// <param name="into">Receives the values; from <see cref="PerCpu{TValue}.Allocate()"/>.</param>
    /// <returns>False when there was no entry with that key.</returns>
    /// <exception cref="BpfFeatureNotSupportedException">The kernel is older than 5.14.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public bool TryTake(in TKey key, PerCpu<TValue> into)
    {
        fixed (TKey* k = &key)
        fixed (byte* v = &into.Bytes(Cpus))
        {
            return this.WasFound(MapCalls.LookupAndDelete(MapHandle, k, v), BpfCommand.MapLookupAndDeleteElement, "Taking from");
        }
    }

    /// <summary>Reads only one CPU's value (7.0).</summary>
    /// <param name="key">The key.</param>
    /// <param name="cpu">The CPU's number.</param>
    /// <param name="value">Its value.</param>
    /// <returns>False when there is no such entry.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such CPU.</exception>
    /// <exception cref="BpfFeatureNotSupportedException">The kernel is older than 7.0.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public bool TryGetOneCpu(in TKey key, int cpu, out TValue value)
    {
        fixed (TKey* k = &key)
        {
            return OneCpuCalls.TryGet(this, Cpus, k, cpu, out value);
        }
    }

    /// <summary>Writes only one CPU's value (7.0); the others stay unchanged.</summary>
    /// <param name="key">The key.</param>
    /// <param name="cpu">The CPU's number.</param>
    /// <param name="value">Its value.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such CPU.</exception>
    /// <exception cref="BpfFeatureNotSupportedException">The kernel is older than 7.0.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public void SetOneCpu(in TKey key, int cpu, in TValue value)
    {
        fixed (TKey* k = &key)
        {
            OneCpuCalls.Set(this, Cpus, k, cpu, in value);
        }
    }

    /// <summary>Writes the same value for all CPUs, without a buffer for all of them (7.0).</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="BpfFeatureNotSupportedException">The kernel is older than 7.0; <see cref="PerCpu{TValue}.Fill"/> and an update do the same on any kernel.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public void SetAllCpus(in TKey key, in TValue value)
    {
        fixed (TKey* k = &key)
        {
            OneCpuCalls.SetAll(this, k, in value);
        }
    }

    /// <summary>Removes all entries and returns them, in batches if the kernel supports it (5.6), else one by one (5.14).</summary>
    /// <param name="batch">Receives the entries; its previous content is replaced.</param>
    /// <returns>The number of entries.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public int TakeAll(BpfPerCpuMapBatch<TKey, TValue> batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return MapReader.TakeAll(this, batch.Buffer);
    }

    /// <summary>Writes many entries, with one call if the kernel supports it (5.6). Not all or nothing: those before the one that failed are written.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="values">The values of all CPUs for each key, in the same order.</param>
    /// <exception cref="ArgumentException">There are not as many keys as values, or values are not allocated.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; E2BIG: the map is full.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public void Update(ReadOnlySpan<TKey> keys, ReadOnlySpan<PerCpu<TValue>> values)
    {
        if (keys.Length != values.Length)
        {
            throw new ArgumentException($"There are {keys.Length} keys and {values.Length} values: pass one value for each key.", nameof(values));
        }

        // The kernel reads them from one buffer.
        int size = PerCpu<TValue>.StrideInWords * sizeof(ulong) * Cpus.Count;
        byte[] together = ArrayPool<byte>.Shared.Rent(checked(size * values.Length));
        try
        {
            for (int i = 0; i < values.Length; i++)
            {
                MemoryMarshal.CreateReadOnlySpan(ref values[i].Bytes(Cpus), size).CopyTo(together.AsSpan(i * size));
            }

            fixed (TKey* k = keys)
            fixed (byte* v = together)
            {
                MapWriter.Update(this, (byte*)k, sizeof(TKey), v, size, keys.Length);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(together);
        }
    }

    /// <summary>Removes many entries, with one call if the kernel supports it (5.6).</summary>
    /// <param name="keys">The keys; missing keys are ignored.</param>
    /// <returns>The number of removed entries.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public int Remove(ReadOnlySpan<TKey> keys)
    {
        fixed (TKey* k = keys)
        {
            return MapWriter.Remove(this, (byte*)k, sizeof(TKey), keys.Length);
        }
    }

    /// <summary>Reads all entries into a reusable batch: nothing is allocated once the batch has the map's size.</summary>
    /// <param name="batch">Receives the entries; its previous content is replaced.</param>
    /// <returns>The number of entries.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public int Read(BpfPerCpuMapBatch<TKey, TValue> batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return MapReader.ReadAll(this, batch.Buffer);
    }

    /// <summary>Enumerates all entries; their values stay valid. An entry that programs move meanwhile may be returned twice.</summary>
    public IEnumerator<KeyValuePair<TKey, PerCpu<TValue>>> GetEnumerator()
    {
        var batch = new BpfPerCpuMapBatch<TKey, TValue>(Cpus);
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

    private bool Update(in TKey key, PerCpu<TValue> values, UpdateMode mode)
    {
        long result;
        fixed (TKey* k = &key)
        fixed (byte* v = &values.Bytes(Cpus))
        {
            result = MapCalls.Update(MapHandle, k, v, mode);
        }

        return this.Updated(result, mode);
    }
}

/// <summary>Accesses only one CPU's value of a per-CPU element, or writes one value for all CPUs at once, if the kernel has flags for it (7.0).</summary>
internal static unsafe class OneCpuCalls
{
    private const int CpuShift = 32;

    internal static bool TryGet<TValue>(BpfMap map, PossibleCpus cpus, void* key, int cpu, out TValue value)
        where TValue : unmanaged
    {
        Check(cpus, cpu);
        ulong* room = stackalloc ulong[PerCpu<TValue>.StrideInWords];
        long result = MapCalls.Lookup(map.MapHandle, key, room, ElementFlags.OneCpu | (ElementFlags)((ulong)cpu << CpuShift));
        bool found = WasFound(map, result, BpfCommand.MapLookupElement, "Reading");
        value = found ? *(TValue*)room : default;
        return found;
    }

    internal static void Set<TValue>(BpfMap map, PossibleCpus cpus, void* key, int cpu, in TValue value)
        where TValue : unmanaged
    {
        Check(cpus, cpu);
        Set(map, key, in value, ElementFlags.OneCpu | (ElementFlags)((ulong)cpu << CpuShift));
    }

    internal static void SetAll<TValue>(BpfMap map, void* key, in TValue value)
        where TValue : unmanaged
        => Set(map, key, in value, ElementFlags.AllCpus);

    private static void Set<TValue>(BpfMap map, void* key, in TValue value, ElementFlags flags)
        where TValue : unmanaged
    {
        ulong* room = stackalloc ulong[PerCpu<TValue>.StrideInWords];
        *(TValue*)room = value;
        WasFound(map, MapCalls.Update(map.MapHandle, key, room, flags), BpfCommand.MapUpdateElement, "Writing");
    }

    private static bool WasFound(BpfMap map, long result, BpfCommand command, string what)
        => result == -Errno.EINVAL
            ? throw FeatureErrors.Of(
                map.MapHandle.Kernel, command, result, $"{what} one CPU's value of map {map.Name} ({map.Type})", Capabilities.Bpf, map.MapHandle.ObjectName, map.Name,
                MapFeatures.PerCpuFlags)
            : map.WasFound(result, command, what);

    private static void Check(PossibleCpus cpus, int cpu)
    {
        if (cpus.SlotOf(cpu) < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(cpu), cpu, $"This kernel has {cpus.Count} possible CPUs, and none with that number.");
        }
    }
}
