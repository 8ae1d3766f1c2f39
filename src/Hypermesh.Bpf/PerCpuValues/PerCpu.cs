using System.Numerics;
using System.Runtime.CompilerServices;

namespace Hypermesh.Bpf;

/// <summary>
/// The values of one entry of a per-CPU map, one for each possible CPU: copies taken at the time of the read, one CPU after another, while the programs keep running.
/// </summary>
/// <remarks>
/// Like <see cref="Span{T}"/> it is a view of writable memory: copies of the struct share the values, so <see cref="Set"/> and <see cref="Fill"/> change them
/// for every copy. Neither changes the map; only writing the values back does. Values from a batch are valid until that batch is read again; those from an indexer, an
/// enumeration, <c>TryGetValue(key, out …)</c> or <see cref="Allocate()"/> belong to the caller.
/// </remarks>
/// <typeparam name="TValue">The value's type.</typeparam>
public readonly struct PerCpu<TValue>
    where TValue : unmanaged
{
    private readonly ulong[]? _words;
    private readonly int _start;
    private readonly PossibleCpus? _cpus;

    internal PerCpu(ulong[] words, int start, PossibleCpus cpus)
    {
        _words = words;
        _start = start;
        _cpus = cpus;
    }

    /// <summary>The number of values: one for each possible CPU.</summary>
    public int CpuCount => _cpus?.Count ?? 0;

    // The kernel rounds each CPU's value up to 8 bytes.
    internal static int StrideInWords => (Unsafe.SizeOf<TValue>() + 7) / 8;

    /// <summary>The value of a CPU.</summary>
    /// <param name="cpu">The kernel's number of the CPU.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such CPU.</exception>
    public ref readonly TValue this[int cpu] => ref At(SlotOf(cpu));

    /// <summary>Allocates the values of one entry, which can be reused for many reads.</summary>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static PerCpu<TValue> Allocate() => Allocate(PossibleCpus.Current);

    /// <summary>Sets a CPU's value in this copy; an update writes it to the map.</summary>
    /// <param name="cpu">The CPU's number.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such CPU.</exception>
    public void Set(int cpu, TValue value) => At(SlotOf(cpu)) = value;

    /// <summary>Sets the same value for every CPU in this copy.</summary>
    /// <param name="value">The value.</param>
    public void Fill(TValue value)
    {
        for (int slot = 0; slot < CpuCount; slot++)
        {
            At(slot) = value;
        }
    }

    /// <summary>Copies the values, in the order of the CPUs' numbers.</summary>
    public TValue[] ToArray()
    {
        var values = new TValue[CpuCount];
        for (int slot = 0; slot < values.Length; slot++)
        {
            values[slot] = At(slot);
        }

        return values;
    }

    /// <summary>Enumerates the values in the order of the CPUs' numbers.</summary>
    public Enumerator GetEnumerator() => new(this);

    internal static PerCpu<TValue> Allocate(PossibleCpus cpus) => new(new ulong[StrideInWords * cpus.Count], 0, cpus);

    /// <summary>The buffer for the kernel; the map's CPUs must have the same numbers.</summary>
    internal ref byte Bytes(PossibleCpus cpus)
    {
        if (_words is null || (_cpus != cpus && !_cpus!.Numbers.SequenceEqual(cpus.Numbers)))
        {
            throw new ArgumentException($"The values are not allocated: create them with PerCpu<{typeof(TValue).Name}>.Allocate().");
        }

        return ref Unsafe.As<ulong, byte>(ref _words[_start]);
    }

    private int SlotOf(int cpu)
    {
        int slot = _cpus?.SlotOf(cpu) ?? -1;
        return slot >= 0 ? slot : throw new ArgumentOutOfRangeException(nameof(cpu), cpu, $"This kernel has {CpuCount} possible CPUs, and none with that number.");
    }

    private ref TValue At(int slot) => ref Unsafe.As<ulong, TValue>(ref _words![_start + (slot * StrideInWords)]);

    /// <summary>Enumerates the values of <see cref="PerCpu{TValue}"/>.</summary>
    public struct Enumerator
    {
        private readonly PerCpu<TValue> _values;
        private int _slot;

        internal Enumerator(PerCpu<TValue> values)
        {
            _values = values;
            _slot = -1;
        }

        /// <summary>The current value.</summary>
        public readonly ref readonly TValue Current => ref _values.At(_slot);

        /// <summary>Moves to the next CPU's value; false after the last.</summary>
        public bool MoveNext() => ++_slot < _values.CpuCount;
    }
}

/// <summary>A value of a per-CPU map that defines how to combine the values of two CPUs. The generator implements it for structs in which every field is summed or declares how it is combined.</summary>
/// <typeparam name="TSelf">The value's type.</typeparam>
public interface IPerCpuSum<TSelf>
    where TSelf : unmanaged, IPerCpuSum<TSelf>
{
    /// <summary>Adds one CPU's value to a total.</summary>
    /// <param name="total">The total so far; it starts as the first CPU's value.</param>
    /// <param name="value">The next CPU's value.</param>
    static abstract void Add(ref TSelf total, in TSelf value);
}

/// <summary>Sums of per-CPU integers.</summary>
public static class PerCpuIntegers
{
    /// <summary>Returns the sum over all CPUs. It wraps around like the kernel's own counters.</summary>
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

/// <summary>Sums of per-CPU structs that define how they are combined.</summary>
public static class PerCpuStructs
{
    /// <summary>Returns the combination of all CPUs' values.</summary>
    /// <typeparam name="TValue">The struct's type.</typeparam>
    /// <param name="values">The values.</param>
    public static TValue Sum<TValue>(this PerCpu<TValue> values)
        where TValue : unmanaged, IPerCpuSum<TValue>
    {
        TValue total = default;
        bool isFirst = true;
        foreach (ref readonly TValue value in values)
        {
            // Starts with a value instead of zero, because a minimum must not include a zero that no CPU counted.
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
