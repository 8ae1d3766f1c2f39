using System.Numerics;

namespace Hypermesh.Bpf;

/// <summary>Sums of per-CPU integers.</summary>
public static class PerCpuIntegers
{
    /// <summary>The sum over all CPUs. It wraps around like the kernel's own counters do.</summary>
    /// <typeparam name="TValue">The integer's type.</typeparam>
    /// <param name="values">The values.</param>
    public static TValue Sum<TValue>(this PerCpu<TValue> values)
        where TValue : unmanaged, IBinaryInteger<TValue>
    {
        TValue total = TValue.Zero;
        foreach (ref readonly TValue value in values)
        {
            total = unchecked(total + value);
        }

        return total;
    }
}
