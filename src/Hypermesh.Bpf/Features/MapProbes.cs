namespace Hypermesh.Bpf;

/// <summary>Features of maps.</summary>
internal static unsafe class MapProbes
{
    internal static Dictionary<BpfFeature, Func<IKernel, long>> All { get; } = new()
    {
        [BpfFeature.MappableArrays] = static kernel => Close(kernel, BpfMapType.Array, 4, 4, 1, MapFlags.Mappable),
        [BpfFeature.JumpTables] = static kernel => MapTypeProbes.Try(kernel, BpfMapType.InsnArray),
        [BpfFeature.BatchOperations] = TryBatch,
        [BpfFeature.RingBuffer] = static kernel => Close(kernel, BpfMapType.RingBuf, 0, 0, (uint)Environment.SystemPageSize, MapFlags.None),
        [BpfFeature.TaskStorage] = TaskStorageProbe.TryMap,
        [BpfFeature.TaskStorageInTracing] = TaskStorageProbe.Try,
        [BpfFeature.HashTake] = TryTake,
        [BpfFeature.PerCpuFlags] = TryPerCpuFlags,
        [BpfFeature.UseWithoutCapabilities] = UnprivilegedUseProbe.Try,
    };

    private static long Close(IKernel kernel, BpfMapType type, uint key, uint value, uint entries, MapFlags flags)
        => FeatureProbes.Close(kernel, FeatureProbes.Create(kernel, type, key, value, entries, flags));

    private static long TryBatch(IKernel kernel)
    {
        long map = FeatureProbes.Create(kernel, BpfMapType.Hash, 4, 4, 1, MapFlags.None);
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

        // The map is empty: to have come to its end is to have understood the command.
        return result == -Errno.ENOENT ? 0 : result;
    }

    // The map is empty: not to find the key is to have understood the command.
    private static long TryTake(IKernel kernel)
    {
        long map = FeatureProbes.Create(kernel, BpfMapType.Hash, 4, 4, 1, MapFlags.None);
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
        long map = FeatureProbes.Create(kernel, BpfMapType.PerCpuArray, 4, 8, 1, MapFlags.None);
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
