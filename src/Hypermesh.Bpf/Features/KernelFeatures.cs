namespace Hypermesh.Bpf.Features;

/// <summary>The tests for features that every load and every call depends on.</summary>
internal static class KernelFeatures
{
    internal static FeatureProbe ObjectNames { get; } = new(BpfFeature.ObjectNames, TryName);

    internal static FeatureProbe GlobalData { get; } = new(BpfFeature.GlobalData, TryGlobalData);

    internal static FeatureProbe MemoryAccounting { get; } = new(BpfFeature.MemoryAccounting, TryMemoryAccounting);

    internal static FeatureProbe UseWithoutCapabilities { get; } = new(BpfFeature.UseWithoutCapabilities, UnprivilegedUseProbe.Try);

    internal static FeatureProbe AttachCookie { get; } = new(
        BpfFeature.AttachCookie,
        static kernel => FeatureAttempt.Close(kernel, FeatureAttempt.Load(kernel, BpfProgramType.Tracepoint, [ProbeCode.Call(174), ProbeCode.Exit()])));

    internal static FeatureProbe SyscallProgram { get; } = new(
        BpfFeature.SyscallProgram,
        static kernel => FeatureAttempt.Close(kernel, FeatureAttempt.Load(
            kernel, BpfProgramType.Syscall, [ProbeCode.Move(0, 0), ProbeCode.Exit()], flags: ProgramLoadFlags.Sleepable)));

    internal static IEnumerable<FeatureProbe> All => [ObjectNames, GlobalData, MemoryAccounting, UseWithoutCapabilities, AttachCookie, SyscallProgram];

    private static long TryName(IKernel kernel)
        => FeatureAttempt.Close(kernel, FeatureAttempt.Load(kernel, BpfProgramType.SocketFilter, [ProbeCode.Move(0, 0), ProbeCode.Exit()], name: "probe"));

    // A program that takes the address of a value of a map.
    private static long TryGlobalData(IKernel kernel)
    {
        long map = FeatureAttempt.Create(kernel, BpfMapType.Array, 4, 32, 1, BpfMapFlags.None);
        if (map < 0)
        {
            return map;
        }

        using var handle = new BpfHandle(kernel, map);
        return FeatureAttempt.Close(kernel, FeatureAttempt.Load(
            kernel, BpfProgramType.SocketFilter,
            [.. ProbeCode.LoadMapValue(1, (int)map, 16), ProbeCode.Store(1, 0, 42), ProbeCode.Move(0, 0), ProbeCode.Exit()]));
    }

    // bpf_ktime_get_coarse_ns (helper 160) came with memory accounting, 5.11; libbpf uses it to detect memory accounting too.
    private static long TryMemoryAccounting(IKernel kernel)
        => FeatureAttempt.Close(kernel, FeatureAttempt.Load(kernel, BpfProgramType.SocketFilter, [ProbeCode.Call(160), ProbeCode.Move(0, 0), ProbeCode.Exit()]));
}
