using System.Runtime.CompilerServices;

namespace Hypermesh.Bpf.Monitoring.Memory;

/// <summary>One look at a cgroup, or at the machine.</summary>
/// <param name="TimeNs">When, on a clock that does not jump.</param>
/// <param name="Used">Memory that cannot be reclaimed, with what is swapped out, in bytes.</param>
/// <param name="Room">How many bytes it can still grow: up to the limit that binds first, with the swap that can be used.</param>
internal readonly record struct MemorySample(long TimeNs, long Used, long Room)
{
    /// <summary>The size at which it ends.</summary>
    internal long Limit => Used + Room;
}

/// <summary>What a sample changed.</summary>
internal enum OomSignal
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>A warning begins.</summary>
    Raised,

    /// <summary>The warning ends: nothing has pointed to the limit for some time.</summary>
    Ended,
}

/// <summary>
/// Says whether a cgroup will reach its limit soon, from its samples alone: it reads no file and no clock. Its memory is constant.
/// </summary>
/// <remarks>
/// The slow rule: at the growth of the last second and of the last two seconds (by least squares, the smaller of both) the limit is reached within the horizon, twice in a row. The fast
/// rule: at the growth over the last three samples it is reached within 2 s, and the growth has not ended with the last step. Both need a size above half of the limit. A heap that is
/// collected falls and grows again: after a fall of 15 % of the limit there is no warning until the size passes the peak before the fall by 2 %. In the first cycle no peak is known.
/// </remarks>
internal sealed class OomPredictor(long horizonNs = OomPredictor.DefaultHorizonNs)
{
    internal const long DefaultHorizonNs = 10 * Second;

    /// <summary>The horizon with which start-ups that level off do not warn.</summary>
    internal const long QuietHorizonNs = 5 * Second;

    private const long Second = 1_000_000_000;
    private const long ShortWindow = Second;
    private const long LongWindow = 2 * Second;
    private const long FastHorizon = 2 * Second;
    private const long SilenceUntilEnd = 2 * Second;
    private const long LongestGap = 3 * Second;
    private const long PeakLife = 600 * Second;
    private const double FallShare = 0.15;
    private const double PeakMargin = 0.02;
    private const double LeastShare = 0.5;
    private const int HitsInARow = 2;

    // Two seconds of ten samples each, with both ends, and some room for a clock that ticks early.
    private const int Capacity = 24;

    private Ring _times;
    private Ring _sizes;
    private int _count;
    private int _next;
    private long _top;
    private long _peak;
    private long _peakTime;
    private int _slowHits;
    private long _lastHit;

    /// <summary>Whether a warning is open.</summary>
    internal bool IsWarning { get; private set; }

    /// <summary>True until the first fall was seen: no peak is known, so the growth of a heap's first cycle looks like the way to the limit.</summary>
    internal bool IsLearning { get; private set; } = true;

    /// <summary>The growth in bytes a second that the rules use: the smaller one of the last second and the last two.</summary>
    internal double Slope { get; private set; }

    /// <summary>The size in the last sample.</summary>
    internal long Used { get; private set; }

    /// <summary>The room in the last sample.</summary>
    internal long Room { get; private set; }

    /// <summary>The time until the limit at the present growth, in seconds; null when there is no growth, or too few samples.</summary>
    internal double? TimeToLimit => Slope > 0 ? Math.Max(0, Room) / Slope : null;

    /// <summary>Takes a sample.</summary>
    internal OomSignal Take(in MemorySample sample)
    {
        long last = _count > 0 ? _times[Index(0)] : sample.TimeNs;
        if (_count > 0 && (sample.TimeNs <= last || sample.TimeNs - last > LongestGap))
        {
            // The machine slept, or nobody looked: what was before says nothing about the growth since.
            _count = 0;
            _slowHits = 0;
        }

        Add(sample);
        (Used, Room) = (sample.Used, sample.Room);
        long step = sample.TimeNs - last;
        TakePeak(sample);
        Slope = SlopeOf(sample.TimeNs);
        double fast = FastSlope(out bool goesOn);
        bool isLarge = sample.Used > LeastShare * sample.Limit;
        _slowHits = isLarge && IsSoon(sample.Room, Slope, horizonNs) ? _slowHits + 1 : 0;
        bool hit = (_slowHits >= HitsInARow || (isLarge && goesOn && IsSoon(sample.Room, fast, FastHorizon))) && !IsGuarded(sample, Math.Max(Slope, fast) * step / Second);
        if (hit)
        {
            _lastHit = sample.TimeNs;
        }

        if (!IsWarning && hit)
        {
            IsWarning = true;
            return OomSignal.Raised;
        }

        if (IsWarning && sample.TimeNs - _lastHit >= SilenceUntilEnd)
        {
            IsWarning = false;
            return OomSignal.Ended;
        }

        return OomSignal.None;
    }

    /// <summary>Forgets everything but what was learnt: something was killed, so the fall that follows is not that of a heap which will stop at its old peak.</summary>
    internal void Restart()
    {
        (_count, _slowHits, _top, _peak, _peakTime) = (0, 0, 0, 0, 0);
        (Slope, IsWarning) = (0, false);
    }

    private static bool IsSoon(long room, double slope, long horizonNs) => slope > 0 && room / slope < (double)horizonNs / Second;

    private int Index(int back) => (_next - 1 - back + (2 * Capacity)) % Capacity;

    private void Add(in MemorySample sample)
    {
        _times[_next] = sample.TimeNs;
        _sizes[_next] = sample.Used;
        _next = (_next + 1) % Capacity;
        _count = Math.Min(_count + 1, Capacity);
    }

    private void TakePeak(in MemorySample sample)
    {
        if (_peak > 0 && sample.TimeNs - _peakTime > PeakLife)
        {
            _peak = 0;
        }

        if (sample.Used > _top)
        {
            _top = sample.Used;
        }
        else if (_top - sample.Used >= FallShare * sample.Limit)
        {
            // A lower peak does not make a higher one younger.
            if (_top >= _peak - (PeakMargin * sample.Limit))
            {
                _peak = Math.Max(_peak, _top);
                _peakTime = sample.TimeNs;
            }

            _top = sample.Used;
            IsLearning = false;
        }
    }

    // The true peak was between two samples, so one step more than the seen one is not above it.
    private bool IsGuarded(in MemorySample sample, double step) => _peak > 0 && sample.Used < _peak + Math.Max(PeakMargin * sample.Limit, step);

    private double SlopeOf(long now)
    {
        // Less than the short window says nothing about steady growth: the fast rule covers that time.
        if (_count < 3 || now - _times[Index(_count - 1)] < ShortWindow)
        {
            return 0;
        }

        return Math.Min(LeastSquares(now, ShortWindow), LeastSquares(now, LongWindow));
    }

    private double LeastSquares(long now, long window)
    {
        // Times relative to now and sizes relative to the last one, so that the sums keep their precision.
        double n = 0, sumT = 0, sumY = 0, sumTt = 0, sumTy = 0;
        long origin = _sizes[Index(0)];
        for (int back = 0; back < _count && now - _times[Index(back)] <= window; back++)
        {
            double t = (double)(_times[Index(back)] - now) / Second;
            double y = _sizes[Index(back)] - origin;
            n++;
            sumT += t;
            sumY += y;
            sumTt += t * t;
            sumTy += t * y;
        }

        double spread = (n * sumTt) - (sumT * sumT);
        return n < 2 || spread <= 0 ? 0 : ((n * sumTy) - (sumT * sumY)) / spread;
    }

    private double FastSlope(out bool goesOn)
    {
        goesOn = false;
        if (_count < 3)
        {
            return 0;
        }

        (int now, int before, int first) = (Index(0), Index(1), Index(2));
        double mean = Rate(first, now);
        goesOn = Rate(before, now) >= mean / 2;
        return mean;
    }

    private double Rate(int from, int to) => (_sizes[to] - _sizes[from]) * (double)Second / (_times[to] - _times[from]);

    [InlineArray(Capacity)]
    private struct Ring
    {
        private long _first;
    }
}
