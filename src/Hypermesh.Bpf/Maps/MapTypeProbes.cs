namespace Hypermesh.Bpf;

/// <summary>Whether the kernel has a map type: the smallest map of it.</summary>
internal static class MapTypeProbes
{
    private const uint CGroupStorageKey = 16;

    // Sizes are what the kernel asks for, no more; every other type takes 4 bytes of key and value, and one entry.
    private static readonly Dictionary<BpfMapType, (uint Key, uint Value, uint Entries, MapFlags Flags)> s_sizes = new()
    {
        [BpfMapType.StackTrace] = (4, 8, 1, MapFlags.None),
        [BpfMapType.LpmTrie] = (8, 8, 1, MapFlags.NoPreallocation),
        [BpfMapType.CGroupStorageDeprecated] = (CGroupStorageKey, 8, 0, MapFlags.None),
        [BpfMapType.PerCpuCGroupStorageDeprecated] = (CGroupStorageKey, 8, 0, MapFlags.None),
        [BpfMapType.Queue] = (0, 4, 1, MapFlags.None),
        [BpfMapType.Stack] = (0, 4, 1, MapFlags.None),
        [BpfMapType.BloomFilter] = (0, 4, 1, MapFlags.None),
        [BpfMapType.RingBuf] = (0, 0, (uint)Environment.SystemPageSize, MapFlags.None),
        [BpfMapType.UserRingBuf] = (0, 0, (uint)Environment.SystemPageSize, MapFlags.None),
        [BpfMapType.Arena] = (0, 0, 1, MapFlags.Mappable),
        [BpfMapType.InsnArray] = (4, BpfInstructionArray.EntrySize, 1, MapFlags.None),
        [BpfMapType.RHash] = (4, 4, 1, MapFlags.NoPreallocation),
    };

    private static readonly Dictionary<BpfMapType, Func<IKernel, BpfMapType, long>> s_special = new()
    {
        [BpfMapType.SkStorage] = TryStorage,
        [BpfMapType.InodeStorage] = TryStorage,
        [BpfMapType.TaskStorage] = TryStorage,
        [BpfMapType.CGroupLocalStorage] = TryStorage,
        [BpfMapType.ArrayOfMaps] = TryOuter,
        [BpfMapType.HashOfMaps] = TryOuter,
        [BpfMapType.StructOps] = TryOperations,
    };

    internal static long Try(IKernel kernel, BpfMapType type)
    {
        if (s_special.TryGetValue(type, out Func<IKernel, BpfMapType, long>? special))
        {
            return special(kernel, type);
        }

        (uint key, uint value, uint entries, MapFlags flags) = s_sizes.GetValueOrDefault(type, (4u, 4u, 1u, MapFlags.None));
        return FeatureAttempt.Close(kernel, FeatureAttempt.Create(kernel, type, key, value, entries, flags));
    }

    // Storage maps want types for key and value.
    private static long TryStorage(IKernel kernel, BpfMapType type)
    {
        long loaded = BtfCalls.TryLoad(kernel, ProbeTypes.OneInteger());
        if (loaded < 0)
        {
            return loaded;
        }

        using var btf = new BpfHandle(kernel, loaded);
        return FeatureAttempt.Close(kernel, MapCreator.TryCreate(
            kernel, new BpfMapDefinition("probe", type, 4, 4, 0, (uint)MapFlags.NoPreallocation) { Btf = btf, KeyTypeId = 1, ValueTypeId = 1 }));
    }

    private static unsafe long TryOuter(IKernel kernel, BpfMapType type)
    {
        long inner = FeatureAttempt.Create(kernel, BpfMapType.Hash, 4, 4, 1, MapFlags.None);
        if (inner < 0)
        {
            return inner;
        }

        using var handle = new BpfHandle(kernel, inner);
        MapCreateAttr attributes = default;
        attributes.MapType = (uint)type;
        attributes.KeySize = 4;
        attributes.ValueSize = 4;
        attributes.MaxEntries = 1;
        attributes.InnerMapFd = (uint)inner;
        return FeatureAttempt.Close(kernel, kernel.Bpf(BpfCommand.MapCreate, &attributes, (uint)sizeof(MapCreateAttr)));
    }

    // The value must be of one of the kernel's types for operations. The first type is an integer: a kernel that knows the map says so.
    private static unsafe long TryOperations(IKernel kernel, BpfMapType type)
    {
        MapCreateAttr attributes = default;
        attributes.MapType = (uint)type;
        attributes.KeySize = 4;
        attributes.ValueSize = 4;
        attributes.MaxEntries = 1;
        attributes.BtfVmlinuxValueTypeId = 1;
        long result = kernel.Bpf(BpfCommand.MapCreate, &attributes, (uint)sizeof(MapCreateAttr));
        return result == -Errno.ENOTSUPP ? 0 : FeatureAttempt.Close(kernel, result);
    }
}
