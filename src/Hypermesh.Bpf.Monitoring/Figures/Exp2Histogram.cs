using System.Numerics;
using Hypermesh.Bpf.Monitoring.Keeping;

namespace Hypermesh.Bpf.Monitoring;

/// <summary>
/// Values counted in slots of powers of two, upper-inclusive: the bounds of Prometheus (<c>le</c>) and of OpenTelemetry's exponential histograms. A histogram of times has slots in
/// binary seconds (2^-30 s), which no conversion shifts. Counts and sum are exact. A percentile is interpolated within its slot: the result and the true
/// value are in the same slot, so the error is less than a factor of two, except in the last slot, which has no upper limit.
/// </summary>
public sealed class Exp2Histogram
{
    private const double NanosecondsPerSecond = 1e9;
    private const int MostSlots = 64;

    private readonly ulong[] _slots;
    private readonly double _perUnit;
    private ulong _sum;

    private Exp2Histogram(int slots, int firstExponent, double perUnit)
    {
        _slots = new ulong[slots];
        FirstExponent = firstExponent;
        _perUnit = perUnit;
    }

    /// <summary>The number of values in each slot. Slot i has values above 2^(<see cref="FirstExponent"/> + i - 1), up to and with 2^(<see cref="FirstExponent"/> + i); slot 0 has all
    /// lower values, the last slot all greater ones.</summary>
    public ReadOnlySpan<ulong> Slots => _slots;

    /// <summary>The exponent of the upper bound of slot 0.</summary>
    public int FirstExponent { get; }

    /// <summary>The number of values.</summary>
    public ulong Count { get; private set; }

    /// <summary>Their sum, in seconds for times, else in the unit of the values.</summary>
    public double Sum => _sum / _perUnit;

    /// <summary>Their mean; 0 when there are none.</summary>
    public double Mean => Count == 0 ? 0 : Sum / Count;

    /// <summary>Returns the lower bound of a slot, exclusive; 0 for slot 0.</summary>
    /// <param name="slot">The slot's index.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such slot.</exception>
    public double LowerBound(int slot)
    {
        CheckSlot(slot);
        return slot == 0 ? 0 : Math.ScaleB(1, FirstExponent + slot - 1);
    }

    /// <summary>Returns the upper bound of a slot, inclusive. The last slot has greater values too: its bound is the one it would have if others followed.</summary>
    /// <param name="slot">The slot's index.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such slot.</exception>
    public double UpperBound(int slot)
    {
        CheckSlot(slot);
        return Math.ScaleB(1, FirstExponent + slot);
    }

    /// <summary>Returns the value that a share of all values does not exceed; 0 when there are none. The error is less than a factor of two.</summary>
    /// <param name="share">The share, from 0 to 1: 0.99 for the 99th percentile.</param>
    /// <exception cref="ArgumentOutOfRangeException">The share is not from 0 to 1.</exception>
    public double Percentile(double share)
    {
        if (!(share is >= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(share), share, "A share is from 0 to 1: 0.99 for the 99th percentile.");
        }

        // The rank of the wanted value, from 1. The values of a slot are assumed to be evenly distributed in it.
        double rank = Math.Max(1, Math.Ceiling(share * Count));
        double below = 0;
        for (int slot = 0; slot < _slots.Length; slot++)
        {
            if (_slots[slot] > 0 && below + _slots[slot] >= rank)
            {
                double lower = LowerBound(slot);
                return lower + ((UpperBound(slot) - lower) * (rank - below - 0.5) / _slots[slot]);
            }

            below += _slots[slot];
        }

        return 0;
    }

    /// <summary>A histogram of times, filled by hm_seconds_slot: slot s has times up to 2^(s - 30) seconds. The sum is kept in nanoseconds.</summary>
    internal static Exp2Histogram OfTimes(int slots) => new(slots, -30, NanosecondsPerSecond);

    /// <summary>A histogram of sizes or counts, filled by hm_size_slot: slot s has values up to 2^s.</summary>
    internal static Exp2Histogram OfSizes(int slots) => new(slots, 0, 1);

    /// <summary>An empty histogram with the same slots.</summary>
    internal Exp2Histogram NewOfSameSlots() => new(_slots.Length, FirstExponent, _perUnit);

    /// <summary>Returns the slot that hm_seconds_slot chooses for a time.</summary>
    internal static int SlotOfNanoseconds(ulong ns, int slots)
    {
        if (ns == 0)
        {
            return 0;
        }

        int slot = BitOperations.Log2(ns) + 1;
        UInt128 edge = ((UInt128)1 << slot) * 1_000_000_000 >> 30;
        return Math.Min(slot + (ns > edge ? 1 : 0), slots - 1);
    }

    /// <summary>Returns the number of values up to and with 2^exponent.</summary>
    internal ulong CountUpTo(int exponent)
    {
        ulong count = 0;
        for (int slot = Math.Min(_slots.Length - 1, exponent - FirstExponent); slot >= 0; slot--)
        {
            count += _slots[slot];
        }

        return count;
    }

    internal void Clear()
    {
        Array.Clear(_slots);
        Count = 0;
        _sum = 0;
    }

    /// <summary>Adds what was counted between two copies of a kernel program's slots and sum.</summary>
    internal void Add(ReadOnlySpan<ulong> from, ulong fromSum, ReadOnlySpan<ulong> to, ulong toSum)
    {
        for (int slot = 0; slot < _slots.Length; slot++)
        {
            ulong added = to[slot] - from[slot];
            _slots[slot] += added;
            Count += added;
        }

        _sum += toSum - fromSum;
    }

    internal void Save(ref StateWriter into)
    {
        into.Write(_slots.Length);
        into.Write(FirstExponent);
        into.Write(_perUnit);
        into.Write(_sum);
        into.WriteAll<ulong>(_slots);
    }

    internal static Exp2Histogram Restore(StateReader from)
    {
        (int slots, int firstExponent, double perUnit, ulong sum) = (from.Read<int>(), from.Read<int>(), from.Read<double>(), from.Read<ulong>());
        var histogram = new Exp2Histogram(slots is > 0 and <= MostSlots ? slots : throw new InvalidDataException($"A kept histogram has {slots} slots."), firstExponent, perUnit) { _sum = sum };
        from.ReadAll<ulong>(histogram._slots);
        foreach (ulong count in histogram._slots)
        {
            histogram.Count += count;
        }

        return histogram;
    }

    /// <summary>Adds a whole histogram of the same slots. If it has more of them, because another version counted it, the last one has the greater values.</summary>
    internal void Add(Exp2Histogram other)
    {
        for (int slot = 0; slot < other._slots.Length; slot++)
        {
            _slots[Math.Min(slot, _slots.Length - 1)] += other._slots[slot];
        }

        Count += other.Count;
        _sum += other._sum;
    }

    private void CheckSlot(int slot)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(slot);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(slot, _slots.Length);
    }
}
