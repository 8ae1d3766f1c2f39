namespace Hypermesh.Bpf.Monitoring.KernelCounters;

/// <summary>A copy of each CPU's counters, with the kernel's count of its switches.</summary>
internal sealed class CpuSnapshot
{
    // A copy is torn when the program counts a switch meanwhile, which takes some hundred nanoseconds. A virtual CPU may be stopped during that for
    // longer; the reading then continues with a torn copy.
    private const int Tries = 1000;
    private const int Pause = 10;

    private readonly Cpu.CpuCounters[] _counters;
    private readonly ulong[] _numbers;
    private readonly bool[] _torn;

    internal CpuSnapshot(int cpuCount)
    {
        _counters = new Cpu.CpuCounters[cpuCount];
        _numbers = new ulong[cpuCount];
        _torn = new bool[cpuCount];
    }

    /// <summary>The sum over the CPUs of the kernel's count of switches, as far as it is known.</summary>
    internal ulong Number { get; private set; }

    internal ref readonly Cpu.CpuCounters Counters(int slot) => ref _counters[slot];

    internal ulong NumberOf(int slot) => _numbers[slot];

    /// <summary>True when no attempt gave a consistent copy.</summary>
    internal bool IsTorn(int slot) => _torn[slot];

    /// <summary>Copies the counters of every CPU.</summary>
    /// <param name="shared">The counters the programs write to, indexed by CPU.</param>
    /// <param name="sequences">The kernel's count of each CPU's switches when it was last read, indexed by CPU; 0 if never.</param>
    /// <param name="cpus">The numbers of the possible CPUs.</param>
    internal void Take(ReadOnlySpan<Cpu.CpuCounters> shared, ReadOnlySpan<ulong> sequences, ReadOnlySpan<int> cpus)
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

            _numbers[slot] = Math.Max(_counters[slot].Sequence, sequences[number]);
            Number += _numbers[slot];
        }
    }

    /// <summary>Copies counters that a program may be writing to; false if the copy is torn. The program stores in the opposite order (bpf-templates/cpu).</summary>
    internal static bool TryCopy(ref readonly Cpu.CpuCounters shared, out Cpu.CpuCounters copy)
    {
        ulong counted = Volatile.Read(in shared.Counted);
        copy = shared;
        Volatile.ReadBarrier();
        return Volatile.Read(in shared.Sequence) == counted;
    }
}
