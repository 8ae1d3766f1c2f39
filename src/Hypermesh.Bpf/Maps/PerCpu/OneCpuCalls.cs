namespace Hypermesh.Bpf;

/// <summary>One CPU's value of a per-CPU element alone, or one value for all CPUs at once, where the kernel has flags for it (7.0).</summary>
internal static unsafe class OneCpuCalls
{
    private const int CpuShift = 32;

    internal static bool TryGet<TValue>(BpfMap map, PossibleCpus cpus, void* key, int cpu, out TValue value)
        where TValue : unmanaged
    {
        Check(cpus, cpu);
        ulong* room = stackalloc ulong[PerCpu<TValue>.StrideInWords];
        long result = MapCalls.Lookup(map.Descriptor, key, room, ElementFlags.OneCpu | (ElementFlags)((ulong)cpu << CpuShift));
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
        WasFound(map, MapCalls.Update(map.Descriptor, key, room, flags), BpfCommand.MapUpdateElement, "Writing");
    }

    private static bool WasFound(BpfMap map, long result, BpfCommand command, string what)
        => result == -Errno.EINVAL
            ? throw FeatureErrors.Of(
                map.Descriptor.Kernel, command, result, $"{what} one CPU's value of map {map.Name} ({map.Type})", Capabilities.Bpf, map.Descriptor.ObjectName, map.Name,
                MapFeatures.PerCpuFlags)
            : map.WasFound(result, command, what);

    private static void Check(PossibleCpus cpus, int cpu)
    {
        if (cpus.SlotOf(cpu) < 0)
        {
            throw new ArgumentOutOfRangeException(nameof(cpu), cpu, $"This kernel has {cpus.Count} possible CPUs, and none of that number.");
        }
    }
}
