namespace Hypermesh.Bpf;

/// <summary>RLIMIT_MEMLOCK, which maps and programs count against before 5.11 and not since.</summary>
internal static class MemoryLock
{
    private const ulong Unlimited = ulong.MaxValue;

    /// <summary>Whether the limit is finite and this kernel counts against it.</summary>
    internal static bool Counts(IKernel kernel, out ulong limit)
        => kernel.GetMemoryLockLimit(out limit, out _) == 0
            && limit != Unlimited
            && BpfFeatures.Of(kernel).Check(BpfFeature.MemoryAccounting).State == BpfFeatureState.Absent;

    /// <summary>Raises the limit where it counts. A refusal is let pass: the load that follows says what it lacks.</summary>
    internal static void Raise(IKernel kernel)
    {
        if (Counts(kernel, out _) && kernel.SetMemoryLockLimit(Unlimited, Unlimited) < 0)
        {
            kernel.GetMemoryLockLimit(out _, out ulong hard);
            kernel.SetMemoryLockLimit(hard, hard);
        }
    }
}
