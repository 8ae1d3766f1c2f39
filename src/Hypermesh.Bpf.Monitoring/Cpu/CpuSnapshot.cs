using Hypermesh.Bpf.Monitoring.Keeping;

namespace Hypermesh.Bpf.Monitoring.Cpu;

/// <summary>A copy of each CPU's counters, with the kernel's count of its switches.</summary>
internal sealed class CpuSnapshot
{
    // A copy is torn when the program counts a switch meanwhile, which takes some hundred nanoseconds. A virtual CPU may be stopped during that for
    // longer; the reading then continues with a torn copy.
    private const int Tries = 1000;
    private const int Pause = 10;

    private readonly CpuSkeleton.CpuCounters[] _counters;
    private readonly ulong[] _numbers;
    private readonly ulong[] _runTimes;
    private readonly bool[] _torn;

    internal CpuSnapshot(int cpuCount)
    {
        _counters = new CpuSkeleton.CpuCounters[cpuCount];
        _numbers = new ulong[cpuCount];
        _runTimes = new ulong[cpuCount];
        _torn = new bool[cpuCount];
    }

    /// <summary>The sum over the CPUs of the kernel's count of switches, as far as it is known.</summary>
    internal ulong Number { get; private set; }

    internal ref readonly CpuSkeleton.CpuCounters Counters(int slot) => ref _counters[slot];

    internal ulong NumberOf(int slot) => _numbers[slot];

    /// <summary>The time that tasks have run on the CPU, in nanoseconds, with the part of the running task that is known.</summary>
    internal ulong RunTimeNs(int slot) => _runTimes[slot];

    /// <summary>True when no attempt gave a consistent copy.</summary>
    internal bool IsTorn(int slot) => _torn[slot];

    /// <summary>Copies the counters of every CPU.</summary>
    /// <param name="shared">The counters the programs write to, indexed by CPU.</param>
    /// <param name="states">What was last read of each CPU, indexed by CPU: the kernel's count of its switches, and how long its task had run.</param>
    /// <param name="cpus">The numbers of the possible CPUs.</param>
    internal void Take(ReadOnlySpan<CpuSkeleton.CpuCounters> shared, ReadOnlySpan<CpuSkeleton.CpuState> states, ReadOnlySpan<int> cpus)
    {
        Number = 0;
        for (int slot = 0; slot < _counters.Length; slot++)
        {
            int number = cpus[slot];
            int tries = 0;
            while ((_torn[slot] = !TryCopy(in shared[number], out _counters[slot])) && ++tries < Tries)
            {
                Thread.SpinWait(Pause);
            }

            ref readonly CpuSkeleton.CpuState state = ref states[number];
            _numbers[slot] = Math.Max(_counters[slot].Sequence, state.Sequence);

            // The running task's part belongs to this copy only if no switch came between.
            _runTimes[slot] = _counters[slot].RunTimeNs + (state.Counted == _counters[slot].Counted ? state.PartialNs : 0);
            Number += _numbers[slot];
        }
    }

    internal void Save(ref StateWriter into)
    {
        into.Write(Number);
        into.WriteAll<CpuSkeleton.CpuCounters>(_counters);
        into.WriteAll<ulong>(_numbers);
        into.WriteAll<ulong>(_runTimes);
        into.WriteAll<bool>(_torn);
    }

    internal void Restore(StateReader from)
    {
        Number = from.Read<ulong>();
        from.ReadAll<CpuSkeleton.CpuCounters>(_counters);
        from.ReadAll<ulong>(_numbers);
        from.ReadAll<ulong>(_runTimes);
        from.ReadAll<bool>(_torn);
    }

    /// <summary>Copies counters that a program may be writing to; false if the copy is torn. The program stores in the opposite order (bpf-templates/cpu).</summary>
    internal static bool TryCopy(ref readonly CpuSkeleton.CpuCounters shared, out CpuSkeleton.CpuCounters copy)
    {
        ulong counted = Volatile.Read(in shared.Counted);
        copy = shared;
        Volatile.ReadBarrier();
        return Volatile.Read(in shared.Sequence) == counted;
    }
}
