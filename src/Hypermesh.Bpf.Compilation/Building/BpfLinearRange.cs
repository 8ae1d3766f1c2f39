namespace Hypermesh.Bpf.Compilation;

/// <summary>The slots of a linear histogram: from a number up to another one, in steps.</summary>
public sealed record BpfLinearRange
{
    internal const string Member = "linear";

    private const int MostSlots = 1000;

    /// <summary>Creates a range.</summary>
    /// <param name="from">The least number in it.</param>
    /// <param name="end">The number behind the largest one.</param>
    /// <param name="step">The width of a slot.</param>
    /// <exception cref="ArgumentException">The range is empty, or has more than 1,000 slots.</exception>
    public BpfLinearRange(long from, long end, long step)
    {
        if (end <= from || step <= 0 || ((Int128)end - from) / step >= MostSlots)
        {
            throw new ArgumentException($"A range of {from} to {end} in steps of {step} is not possible: the end is above the beginning, the step above 0, and there are at most {MostSlots} slots.");
        }

        (From, End, Step) = (from, end, step);
    }

    /// <summary>The least number in it.</summary>
    public long From { get; }

    /// <summary>The number behind the largest one.</summary>
    public long End { get; }

    /// <summary>The width of a slot.</summary>
    public long Step { get; }

    /// <summary>The number of slots, with one for values below the range and one for those above it.</summary>
    internal int Slots => (int)((((Int128)End - From + Step - 1) / Step) + 2);
}
