using Hypermesh.Bpf.Btf;
using Hypermesh.Bpf.Features;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Maps;

/// <summary>Tests for features of maps.</summary>
internal static unsafe class MapFeatures
{
    internal static FeatureProbe MappableArrays { get; } = new(BpfFeature.MappableArrays, static kernel => Close(kernel, BpfMapType.Array, 4, 4, 1, BpfMapFlags.Mappable));

    internal static FeatureProbe JumpTables { get; } = new(BpfFeature.JumpTables, static kernel => MapTypeProbes.Try(kernel, BpfMapType.InsnArray));

    internal static FeatureProbe BatchOperations { get; } = new(BpfFeature.BatchOperations, TryBatch);

    internal static FeatureProbe RingBuffer { get; } = new(BpfFeature.RingBuffer, static kernel => Close(kernel, BpfMapType.RingBuf, 0, 0, (uint)Environment.SystemPageSize, BpfMapFlags.None));

    internal static FeatureProbe TaskStorage { get; } = new(BpfFeature.TaskStorage, static kernel => MapTypeProbes.Try(kernel, BpfMapType.TaskStorage));

    internal static FeatureProbe TaskStorageInTracing { get; } = new(BpfFeature.TaskStorageInTracing, TaskStorageProbe.Try);

    internal static FeatureProbe HashTake { get; } = new(BpfFeature.HashTake, TryTake);

    internal static FeatureProbe PerCpuFlags { get; } = new(BpfFeature.PerCpuFlags, TryPerCpuFlags);

    internal static IEnumerable<FeatureProbe> All =>
        [MappableArrays, JumpTables, BatchOperations, RingBuffer, TaskStorage, TaskStorageInTracing, HashTake, PerCpuFlags];

    private static long Close(IKernel kernel, BpfMapType type, uint key, uint value, uint entries, BpfMapFlags flags)
        => FeatureAttempt.Close(kernel, FeatureAttempt.Create(kernel, type, key, value, entries, flags));

    private static long TryBatch(IKernel kernel)
    {
        long map = FeatureAttempt.Create(kernel, BpfMapType.Hash, 4, 4, 1, BpfMapFlags.None);
        if (map < 0)
        {
            return map;
        }

        using var handle = new BpfHandle(kernel, map);
        ulong cursor, key, value;
        MapBatchAttr attributes = default;
        attributes.MapFd = (uint)map;
        attributes.OutBatch = (ulong)&cursor;
        attributes.Keys = (ulong)&key;
        attributes.Values = (ulong)&value;
        attributes.Count = 1;
        long result = kernel.Bpf(BpfCommand.MapLookupBatch, &attributes, (uint)sizeof(MapBatchAttr));

        // The map is empty: reaching its end shows that the kernel supports the command.
        return result == -Errno.ENOENT ? 0 : result;
    }

    // The map is empty: not finding the key shows that the kernel supports the command.
    private static long TryTake(IKernel kernel)
    {
        long map = FeatureAttempt.Create(kernel, BpfMapType.Hash, 4, 4, 1, BpfMapFlags.None);
        if (map < 0)
        {
            return map;
        }

        using var handle = new BpfHandle(kernel, map);
        uint key = 0, value;
        MapElementAttr attributes = default;
        attributes.MapFd = (uint)map;
        attributes.Key = (ulong)&key;
        attributes.Value = (ulong)&value;
        long result = kernel.Bpf(BpfCommand.MapLookupAndDeleteElement, &attributes, (uint)sizeof(MapElementAttr));
        return result == -Errno.ENOENT ? 0 : result;
    }

    private static long TryPerCpuFlags(IKernel kernel)
    {
        long map = FeatureAttempt.Create(kernel, BpfMapType.PerCpuArray, 4, 8, 1, BpfMapFlags.None);
        if (map < 0)
        {
            return map;
        }

        using var handle = new BpfHandle(kernel, map);
        uint key = 0;
        ulong value = 0;
        MapElementAttr attributes = default;
        attributes.MapFd = (uint)map;
        attributes.Key = (ulong)&key;
        attributes.Value = (ulong)&value;
        attributes.Flags = (ulong)ElementFlags.AllCpus;
        return kernel.Bpf(BpfCommand.MapUpdateElement, &attributes, (uint)sizeof(MapElementAttr));
    }
}

/// <summary>Probes map types by creating the smallest map of each.</summary>
internal static class MapTypeProbes
{
    private const uint CGroupStorageKey = 16;

    // The sizes that the kernel requires; every other type accepts 4 bytes of key and value, and one entry.
    private static readonly Dictionary<BpfMapType, (uint Key, uint Value, uint Entries, BpfMapFlags Flags)> s_sizes = new()
    {
        [BpfMapType.StackTrace] = (4, 8, 1, BpfMapFlags.None),
        [BpfMapType.LpmTrie] = (8, 8, 1, BpfMapFlags.NoPreallocation),
        [BpfMapType.CGroupStorageDeprecated] = (CGroupStorageKey, 8, 0, BpfMapFlags.None),
        [BpfMapType.PerCpuCGroupStorageDeprecated] = (CGroupStorageKey, 8, 0, BpfMapFlags.None),
        [BpfMapType.Queue] = (0, 4, 1, BpfMapFlags.None),
        [BpfMapType.Stack] = (0, 4, 1, BpfMapFlags.None),
        [BpfMapType.BloomFilter] = (0, 4, 1, BpfMapFlags.None),
        [BpfMapType.RingBuf] = (0, 0, (uint)Environment.SystemPageSize, BpfMapFlags.None),
        [BpfMapType.UserRingBuf] = (0, 0, (uint)Environment.SystemPageSize, BpfMapFlags.None),
        [BpfMapType.Arena] = (0, 0, 1, BpfMapFlags.Mappable),
        [BpfMapType.InsnArray] = (4, BpfInstructionArray.EntrySize, 1, BpfMapFlags.None),
        [BpfMapType.RHash] = (4, 4, 1, BpfMapFlags.NoPreallocation),
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

        (uint key, uint value, uint entries, BpfMapFlags flags) = s_sizes.GetValueOrDefault(type, (4u, 4u, 1u, BpfMapFlags.None));
        return FeatureAttempt.Close(kernel, FeatureAttempt.Create(kernel, type, key, value, entries, flags));
    }

    // Storage maps require types for key and value.
    private static long TryStorage(IKernel kernel, BpfMapType type)
    {
        long loaded = BtfCalls.TryLoad(kernel, ProbeTypes.OneInteger());
        if (loaded < 0)
        {
            return loaded;
        }

        using var btf = new BpfHandle(kernel, loaded);
        return FeatureAttempt.Close(kernel, MapCreator.TryCreate(
            kernel, new BpfMapDefinition("probe", type, 4, 4, 0, BpfMapFlags.NoPreallocation) { Btf = btf, KeyTypeId = 1, ValueTypeId = 1 }));
    }

    private static unsafe long TryOuter(IKernel kernel, BpfMapType type)
    {
        long inner = FeatureAttempt.Create(kernel, BpfMapType.Hash, 4, 4, 1, BpfMapFlags.None);
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

    // The value must have a struct_ops type of the kernel. The first type is an integer, which a kernel that supports the map rejects with its own errno.
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

/// <summary>Loads a real program on <c>tp_btf/sched_wakeup</c> that looks a task up in task storage: the map exists from 5.11 on, tracing programs can use it from 5.12 on.</summary>
internal static class TaskStorageProbe
{
    private const int TaskStorageGet = 156;
    private const BpfMapFlags StorageFlags = BpfMapFlags.NoPreallocation;

    internal static long Try(IKernel kernel)
    {
        try
        {
            using KernelBtf types = KernelBtf.Borrow(kernel);
            int target = types.Types.Find("btf_trace_sched_wakeup", BtfKind.Typedef);

            long map = Create(kernel);
            if (map < 0)
            {
                return map;
            }

            using var handle = new BpfHandle(kernel, map);
            return FeatureAttempt.Close(kernel, FeatureAttempt.Load(
                kernel, BpfProgramType.Tracing,
                [
                    ProbeCode.Load(2, 1, 0),
                    .. ProbeCode.LoadMap(1, (int)map),
                    ProbeCode.Move(3, 0),
                    ProbeCode.Move(4, 0),
                    ProbeCode.Call(TaskStorageGet),
                    ProbeCode.Move(0, 0),
                    ProbeCode.Exit(),
                ],
                attach: BpfAttachType.TraceRawTracePoint, attachBtfId: target));
        }
        catch (BpfSyscallException reason)
        {
            return -reason.Errno;
        }
    }

    // Storage maps require types for key and value.
    private static long Create(IKernel kernel)
    {
        long loaded = BtfCalls.TryLoad(kernel, ProbeTypes.OneInteger());
        if (loaded < 0)
        {
            return loaded;
        }

        using var btf = new BpfHandle(kernel, loaded);
        return MapCreator.TryCreate(kernel, new BpfMapDefinition("probe", BpfMapType.TaskStorage, 4, 4, 0, StorageFlags) { Btf = btf, KeyTypeId = 1, ValueTypeId = 1 });
    }
}
