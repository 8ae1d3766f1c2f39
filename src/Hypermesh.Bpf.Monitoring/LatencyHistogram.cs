using System.Numerics;

namespace Hypermesh.Bpf.Monitoring;

/// <summary>
/// Times in nanoseconds, counted in slots of powers of two: slot 0 holds 0 and 1, slot n holds 2^n up to 2^(n+1) - 1, the last slot all that is more.
/// Counts and sum are exact. A percentile is interpolated inside its slot: what it says and the true value lie in the same slot, so it is off by less than
/// a factor of two.
/// </summary>
public sealed class LatencyHistogram
{
    private readonly ulong[] _slots = new ulong[SlotCount];

    internal LatencyHistogram()
    {
    }

    /// <summary>How many slots there are.</summary>
    public static int SlotCount => Cpu.UInt64Array40.Length;

    /// <summary>How many times were counted in each slot.</summary>
    public ReadOnlySpan<ulong> Slots => _slots;

    /// <summary>How many times were counted.</summary>
    public ulong Count { get; private set; }

    /// <summary>Their sum in nanoseconds.</summary>
    public ulong SumNs { get; private set; }

    /// <summary>Their mean in nanoseconds, 0 when nothing was counted.</summary>
    public double MeanNs => Count == 0 ? 0 : (double)SumNs / Count;

    /// <summary>The least time of a slot, in nanoseconds.</summary>
    /// <param name="slot">The slot's index.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such slot.</exception>
    public static ulong LowerBoundNs(int slot)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(slot);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(slot, SlotCount);
        return slot == 0 ? 0 : 1UL << slot;
    }

    /// <summary>What a slot's times are less than, in nanoseconds; of the last slot, what they are expected to be less than.</summary>
    /// <param name="slot">The slot's index.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such slot.</exception>
    public static ulong UpperBoundNs(int slot)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(slot);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(slot, SlotCount);
        return 2UL << slot;
    }

    /// <summary>The slot a time is counted in.</summary>
    /// <param name="ns">The time in nanoseconds.</param>
    public static int SlotOf(ulong ns) => Math.Min(BitOperations.Log2(ns | 1), SlotCount - 1);

    /// <summary>The time that a share of all times does not exceed, in nanoseconds; 0 when nothing was counted. Off by less than a factor of two.</summary>
    /// <param name="share">The share, from 0 to 1: 0.99 for the 99th percentile.</param>
    /// <exception cref="ArgumentOutOfRangeException">The share is not from 0 to 1.</exception>
    public double Percentile(double share)
    {
        if (!(share is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(share), share, "A share is from 0 to 1: 0.99 for the 99th percentile.");
        }

        // The rank of the time asked for, from 1; the times of a slot are taken to lie evenly in it.
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

    /// <summary>Adds what was counted between two copies of a CPU's counters.</summary>
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
