namespace Hypermesh.Bpf.Monitoring;

/// <summary>
/// A figure beside what an independent source says it is: no less than <paramref name="Low"/> and no more than <paramref name="High"/>, both read from that
/// source, just before and just after the figure was.
/// </summary>
internal readonly record struct Agreement(ulong Measured, ulong Low, ulong High)
{
    /// <summary>How much of the source's figure may be lacking, or too much: a hundredth, rounded down. Below 100 nothing may.</summary>
    private const ulong Tolerated = 100;

    /// <summary>The distance to the range: negative if something is lacking, positive if there is too much, 0 inside.</summary>
    internal long Error => Measured < Low ? -(long)(Low - Measured)
        : Measured > High ? (long)(Measured - High)
        : 0;

    internal bool Holds => Measured < Low ? Low - Measured <= Low / Tolerated
        : Measured <= High || Measured - High <= High / Tolerated;
}
