namespace Hypermesh.Bpf;

/// <summary>The tests for features of maps.</summary>
internal static unsafe class MapFeatures
{
    internal static FeatureTest MappableArrays { get; } = new(BpfFeature.MappableArrays, static kernel => Close(kernel, BpfMapType.Array, 4, 4, 1, MapFlags.Mappable));

    internal static FeatureTest JumpTables { get; } = new(BpfFeature.JumpTables, static kernel => MapTypeProbes.Try(kernel, BpfMapType.InsnArray));

    internal static FeatureTest BatchOperations { get; } = new(BpfFeature.BatchOperations, TryBatch);

    internal static FeatureTest RingBuffer { get; } = new(BpfFeature.RingBuffer, static kernel => Close(kernel, BpfMapType.RingBuf, 0, 0, (uint)Environment.SystemPageSize, MapFlags.None));

    internal static FeatureTest TaskStorage { get; } = new(BpfFeature.TaskStorage, static kernel => MapTypeProbes.Try(kernel, BpfMapType.TaskStorage));

    internal static FeatureTest TaskStorageInTracing { get; } = new(BpfFeature.TaskStorageInTracing, TaskStorageProbe.Try);

    internal static FeatureTest HashTake { get; } = new(BpfFeature.HashTake, TryTake);

    internal static FeatureTest PerCpuFlags { get; } = new(BpfFeature.PerCpuFlags, TryPerCpuFlags);

    internal static IEnumerable<FeatureTest> All =>
        [MappableArrays, JumpTables, BatchOperations, RingBuffer, TaskStorage, TaskStorageInTracing, HashTake, PerCpuFlags];

    private static long Close(IKernel kernel, BpfMapType type, uint key, uint value, uint entries, MapFlags flags)
        => FeatureAttempt.Close(kernel, FeatureAttempt.Create(kernel, type, key, value, entries, flags));

    private static long TryBatch(IKernel kernel)
    {
        long map = FeatureAttempt.Create(kernel, BpfMapType.Hash, 4, 4, 1, MapFlags.None);
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
        long map = FeatureAttempt.Create(kernel, BpfMapType.Hash, 4, 4, 1, MapFlags.None);
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
        long map = FeatureAttempt.Create(kernel, BpfMapType.PerCpuArray, 4, 8, 1, MapFlags.None);
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
