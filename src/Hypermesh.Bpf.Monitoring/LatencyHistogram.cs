using System.Numerics;

namespace Hypermesh.Bpf.Monitoring;

/// <summary>
/// Times in nanoseconds, counted in slots of powers of two: slot 0 has 0 and 1, slot n has 2^n up to 2^(n+1) - 1, the last slot has all greater times.
/// Counts and sum are exact. A percentile is interpolated within its slot: the result and the true value are in the same slot, so the error is less than
/// a factor of two.
/// </summary>
public sealed class LatencyHistogram
{
    private readonly ulong[] _slots = new ulong[SlotCount];

    internal LatencyHistogram()
    {
    }

    /// <summary>The number of slots.</summary>
    public static int SlotCount => Cpu.UInt64Array40.Length;

    /// <summary>The number of times in each slot.</summary>
    public ReadOnlySpan<ulong> Slots => _slots;

    /// <summary>The number of times.</summary>
    public ulong Count { get; private set; }

    /// <summary>Their sum in nanoseconds.</summary>
    public ulong SumNs { get; private set; }

    /// <summary>Their mean in nanoseconds; 0 when there are none.</summary>
    public double MeanNs => Count == 0 ? 0 : (double)SumNs / Count;

    /// <summary>Returns the least time of a slot, in nanoseconds.</summary>
    /// <param name="slot">The slot's index.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such slot.</exception>
    public static ulong LowerBoundNs(int slot)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(slot);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(slot, SlotCount);
        return slot == 0 ? 0 : 1UL << slot;
    }

    /// <summary>Returns the upper bound of a slot, exclusive, in nanoseconds; for the last slot, the expected bound.</summary>
    /// <param name="slot">The slot's index.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such slot.</exception>
    public static ulong UpperBoundNs(int slot)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(slot);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(slot, SlotCount);
        return 2UL << slot;
    }

    /// <summary>Returns the slot of a time.</summary>
    /// <param name="ns">The time in nanoseconds.</param>
    public static int SlotOf(ulong ns) => Math.Min(BitOperations.Log2(ns | 1), SlotCount - 1);

    /// <summary>Returns the time that a share of all times does not exceed, in nanoseconds; 0 when there are none. The error is less than a factor of two.</summary>
    /// <param name="share">The share, from 0 to 1: 0.99 for the 99th percentile.</param>
    /// <exception cref="ArgumentOutOfRangeException">The share is not from 0 to 1.</exception>
    public double Percentile(double share)
    {
        if (!(share is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(share), share, "A share is from 0 to 1: 0.99 for the 99th percentile.");
        }

        // The rank of the wanted time, from 1. The times of a slot are assumed to be evenly distributed in it.
        double rank = Math.Max(1, Math.Ceiling(share * Count));
        double below = 0;
        for (int slot = 0; slot < _slots.Length; slot++)
        {
            if (_slots[slot] > 0 && below + _slots[slot] >= rank)
            {
                double lower = LowerBoundNs(slot);
                return lower + ((UpperBoundNs(slot) - lower) * (rank - below - 0.5) / _slots[slot]);
            }

            below += _slots[slot];
        }

        return 0;
    }

    internal void Clear()
    {
        Array.Clear(_slots);
        Count = 0;
        SumNs = 0;
    }

    /// <summary>Adds the counts between two copies of a CPU's counters.</summary>
    internal void Add(in Cpu.CpuCounters from, in Cpu.CpuCounters to)
    {
        for (int slot = 0; slot < _slots.Length; slot++)
        {
            _slots[slot] += to.Latency[slot] - from.Latency[slot];
        }

        Count += to.LatencyCount - from.LatencyCount;
        SumNs += to.LatencySumNs - from.LatencySumNs;
    }
}
