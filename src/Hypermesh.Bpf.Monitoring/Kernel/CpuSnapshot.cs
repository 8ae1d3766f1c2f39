namespace Hypermesh.Bpf.Monitoring.Kernel;

/// <summary>A copy of each CPU's counters, with the kernel's number of its last switch.</summary>
internal sealed class CpuSnapshot
{
    // A copy is torn when a switch is being counted meanwhile, which takes some hundred nanoseconds. A virtual CPU may be held in the middle of one for
    // longer: then the reading goes on without.
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

    /// <summary>The sum of the numbers: the kernel's count of switches, as far as known.</summary>
    internal ulong Number { get; private set; }

    internal ref readonly Cpu.CpuCounters Counters(int slot) => ref _counters[slot];

    internal ulong NumberOf(int slot) => _numbers[slot];

    /// <summary>Whether no attempt gave a whole copy.</summary>
    internal bool IsTorn(int slot) => _torn[slot];

    /// <summary>Takes the copies anew.</summary>
    /// <param name="shared">By CPU, the counters the programs write to.</param>
    /// <param name="sequences">By CPU, the kernel's number of its last switch when that was last looked up, 0 if never.</param>
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

    /// <summary>Copies counters a program may be writing to; false if the copy is torn. The program stores in the opposite order (bpf-templates/cpu).</summary>
    internal static bool TryCopy(ref readonly Cpu.CpuCounters shared, out Cpu.CpuCounters copy)
    {
        ulong counted = Volatile.Read(in shared.Counted);
        copy = shared;
        Volatile.ReadBarrier();
        return Volatile.Read(in shared.Sequence) == counted;
    }
}
