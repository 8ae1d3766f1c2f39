namespace Hypermesh.Bpf;

/// <summary>Sums of per-CPU structs that say how they add up.</summary>
public static class PerCpuStructs
{
    /// <summary>The sum over all CPUs.</summary>
    /// <typeparam name="TValue">The struct's type.</typeparam>
    /// <param name="values">The values.</param>
    public static TValue Sum<TValue>(this PerCpu<TValue> values)
        where TValue : unmanaged, IPerCpuSum<TValue>
    {
        TValue total = default;
        foreach (ref readonly TValue value in values)
        {
            TValue.Add(ref total, in value);
        }

        return total;
    }
}
