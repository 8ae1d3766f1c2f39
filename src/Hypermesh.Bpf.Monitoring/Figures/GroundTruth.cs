namespace Hypermesh.Bpf.Monitoring;

/// <summary>
/// A figure of a monitor beside the range that another source gives for it. The source does not come from the monitor's own hook. It is read just before and just after the figure,
/// so the figure is between the two counts if both are right.
/// </summary>
/// <param name="Figure">The name of the figure's metric, such as <c>hypermesh.cpu.context_switches</c>.</param>
/// <param name="Source">The source, such as <c>ctxt of /proc/stat</c>.</param>
/// <param name="Measured">The figure, with what the kernel says the monitor's program did not see (<c>recursion_misses</c>).</param>
/// <param name="Low">The least that the source allows.</param>
/// <param name="High">The most that the source allows.</param>
/// <param name="InFlight">
/// The number of events that may lie between the two counts when they are read: the kernel counts an event and then calls the hook, or the reverse, and a task may be held in between on each CPU.
/// </param>
public readonly record struct GroundTruth(string Figure, string Source, ulong Measured, ulong Low, ulong High, int InFlight = 0)
{
    /// <summary>The figure may be outside the range by one part in this many, rounded down: of fewer than 100, none may be missing.</summary>
    private const ulong Tolerated = 100;

    /// <summary>The distance to the range: negative if something is missing, positive if there is too much, 0 inside, or when it is not more than <see cref="InFlight"/>.</summary>
    public long Error => Math.Abs(Distance) <= InFlight ? 0 : Distance;

    /// <summary><see cref="Error"/> as a share of the source's figure: -0.01 when one part in a hundred is missing.</summary>
    public double ErrorShare => Error == 0 ? 0 : Error / Math.Max(1.0, Error < 0 ? Low : High);

    /// <summary>True when the figure is within 1 % of the range, or within <see cref="InFlight"/> of it.</summary>
    public bool Holds => Error == 0 || (Error < 0 ? (ulong)-Error <= Low / Tolerated : (ulong)Error <= High / Tolerated);

    private long Distance => Measured < Low ? -(long)(Low - Measured)
        : Measured > High ? (long)(Measured - High)
        : 0;
}
