using Hypermesh.Bpf.Maps;
using Hypermesh.Bpf.Maps.Keyed;

namespace Hypermesh.Bpf;

/// <summary>
/// A value for each control group a program is attached to (<c>BPF_MAP_TYPE_CGROUP_STORAGE</c>, 4.19); newer programs use
/// <see cref="BpfCGroupLocalStorage{TValue}"/>. Attachments create and remove entries; this class only reads and changes them.
/// </summary>
/// <typeparam name="TKey">The key's type: a group's ID (8 bytes), or <c>struct bpf_cgroup_storage_key</c>.</typeparam>
/// <typeparam name="TValue">The value's type, with the layout it has in the C.</typeparam>
public sealed unsafe class BpfCGroupStorage<TKey, TValue> : BpfMap
    where TKey : unmanaged
    where TValue : unmanaged
{
    /// <summary>Creates a typed view of a map.</summary>
    /// <param name="handle">The map.</param>
    /// <exception cref="BpfException">The map is of another type, or its sizes are not those of the types.</exception>
    public BpfCGroupStorage(BpfMapHandle handle)
        : base(handle, [BpfMapType.CGroupStorageDeprecated])
    {
        CheckKey<TKey>();
        CheckValue<TValue>();
    }

    /// <summary>The current keys.</summary>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public IReadOnlyList<TKey> Keys => MapKeys.ReadPresent<TKey>(this, sizeof(TValue));

    /// <summary>Reads one entry; allocates nothing.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">Its value.</param>
    /// <returns>False when there is no such entry.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public bool TryGetValue(in TKey key, out TValue value)
    {
        fixed (TKey* k = &key)
        fixed (TValue* v = &value)
        {
            *v = default;
            return this.WasFound(MapCalls.Lookup(MapHandle, k, v), BpfCommand.MapLookupElement, "Reading");
        }
    }

    /// <summary>Changes an existing entry.</summary>
    /// <param name="key">The key.</param>
    /// <param name="value">The value.</param>
    /// <returns>False when there is no entry with that key; none is created.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public bool TryUpdate(in TKey key, in TValue value)
    {
        fixed (TKey* k = &key)
        fixed (TValue* v = &value)
        {
            return this.Updated(MapCalls.Update(MapHandle, k, v, UpdateMode.Replace), UpdateMode.Replace);
        }
    }
}

/// <summary>A value on each CPU for each control group a program is attached to (<c>BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE</c>, 4.20). Attachments create and remove entries.</summary>
/// <typeparam name="TKey">The key's type: a group's ID (8 bytes), or <c>struct bpf_cgroup_storage_key</c>.</typeparam>
/// <typeparam name="TValue">The value's type on one CPU, with the layout it has in the C.</typeparam>
public sealed unsafe class BpfPerCpuCGroupStorage<TKey, TValue> : BpfMap
    where TKey : unmanaged
    where TValue : unmanaged
{
    private readonly PossibleCpus _cpus;

    /// <summary>Creates a typed view of a map.</summary>
    /// <param name="handle">The map.</param>
    /// <exception cref="BpfException">The map is of another type, or its sizes are not those of the types.</exception>
    public BpfPerCpuCGroupStorage(BpfMapHandle handle)
        : base(handle, [BpfMapType.PerCpuCGroupStorageDeprecated])
    {
        CheckKey<TKey>();
        CheckValue<TValue>();
        _cpus = PossibleCpus.Of(handle.Kernel);
    }

    /// <summary>The current keys.</summary>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public IReadOnlyList<TKey> Keys => MapKeys.ReadPresent<TKey>(this, PerCpu<TValue>.StrideInWords * sizeof(ulong) * _cpus.Count);

    /// <summary>Reads one entry; allocates nothing.</summary>
    /// <param name="key">The key.</param>
    /// <param name="into">Receives the values; from <see cref="PerCpu{TValue}.Allocate()"/>.</param>
    /// <returns>False when there is no such entry.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public bool TryGetValue(in TKey key, PerCpu<TValue> into)
    {
        fixed (TKey* k = &key)
        fixed (byte* v = &into.Bytes(_cpus))
        {
            return this.WasFound(MapCalls.Lookup(MapHandle, k, v), BpfCommand.MapLookupElement, "Reading");
        }
    }

    /// <summary>Changes an existing entry.</summary>
    /// <param name="key">The key.</param>
    /// <param name="values">The values of all CPUs.</param>
    /// <returns>False when there is no entry with that key; none is created.</returns>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    public bool TryUpdate(in TKey key, PerCpu<TValue> values)
    {
        fixed (TKey* k = &key)
        fixed (byte* v = &values.Bytes(_cpus))
        {
            return this.Updated(MapCalls.Update(MapHandle, k, v, UpdateMode.Replace), UpdateMode.Replace);
        }
    }
}
