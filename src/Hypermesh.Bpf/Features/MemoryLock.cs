using Hypermesh.Bpf.Errors;

namespace Hypermesh.Bpf.Features;

/// <summary>RLIMIT_MEMLOCK, which limits maps and programs before 5.11.</summary>
internal static class MemoryLock
{
    private const ulong Unlimited = ulong.MaxValue;

    /// <summary>Reads the limit and whether maps and programs count against it; null if there is none.</summary>
    internal static MemoryLimit? Read(IKernel kernel)
        => kernel.GetMemoryLockLimit(out ulong limit, out _) < 0 || limit == Unlimited ? null : new MemoryLimit(limit, KernelFeatures.MemoryAccounting.Check(kernel).State switch
        {
            BpfFeatureState.Supported => false,
            BpfFeatureState.Absent => true,
            _ => null,
        });

    /// <summary>Raises the limit if it may count. A failure is ignored: the load that follows reports what is missing.</summary>
    internal static void Raise(IKernel kernel)
    {
        if (Read(kernel) is { Counts: not false } && kernel.SetMemoryLockLimit(Unlimited, Unlimited) < 0)
        {
            kernel.GetMemoryLockLimit(out _, out ulong hard);
            kernel.SetMemoryLockLimit(hard, hard);
        }
    }
}
