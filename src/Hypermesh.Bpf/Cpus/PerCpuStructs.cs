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
        bool isFirst = true;
        foreach (ref readonly TValue value in values)
        {
            // Beginning with a value instead of zero: the least of several must not be the zero nobody counted.
            if (isFirst)
            {
                total = value;
                isFirst = false;
                continue;
            }

            TValue.Add(ref total, in value);
        }

        return total;
    }
}
