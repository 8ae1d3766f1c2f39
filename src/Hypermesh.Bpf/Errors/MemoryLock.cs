namespace Hypermesh.Bpf;

/// <summary>RLIMIT_MEMLOCK, which maps and programs count against before 5.11 and not since.</summary>
internal static class MemoryLock
{
    private const ulong Unlimited = ulong.MaxValue;

    /// <summary>
    /// Whether memory is accounted in another way than by the limit: null where the limit is none, so that it matters to nobody; "absent" where the limit
    /// counts; "refused" where that could not be found out.
    /// </summary>
    internal static BpfFeatureState? Accounting(IKernel kernel, out ulong limit)
        => kernel.GetMemoryLockLimit(out limit, out _) == 0 && limit != Unlimited
            ? BpfFeatures.Of(kernel).Check(BpfFeature.MemoryAccounting).State
            : null;

    /// <summary>Raises the limit where it may count. A refusal is let pass: the load that follows says what it lacks.</summary>
    internal static void Raise(IKernel kernel)
    {
        if (Accounting(kernel, out _) is BpfFeatureState.Absent or BpfFeatureState.Refused && kernel.SetMemoryLockLimit(Unlimited, Unlimited) < 0)
        {
            kernel.GetMemoryLockLimit(out _, out ulong hard);
            kernel.SetMemoryLockLimit(hard, hard);
        }
    }
}
