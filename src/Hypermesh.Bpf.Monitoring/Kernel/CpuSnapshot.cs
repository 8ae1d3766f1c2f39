namespace Hypermesh.Bpf.Monitoring.Kernel;

/// <summary>A copy of each CPU's counters, whole, with the kernel's number of its last switch.</summary>
internal sealed class CpuSnapshot
{
    // A copy is torn when a switch is being counted meanwhile, a hundred nanoseconds in thousands; more tries than these mean something else.
    private const int Tries = 100;

    private readonly Cpu.CpuCounters[] _counters;
    private readonly ulong[] _numbers;

    internal CpuSnapshot(int cpuCount)
    {
        _counters = new Cpu.CpuCounters[cpuCount];
        _numbers = new ulong[cpuCount];
    }

    /// <summary>The sum of the numbers: the kernel's count of switches, as far as known.</summary>
    internal ulong Number { get; private set; }

    internal ref readonly Cpu.CpuCounters Counters(int slot) => ref _counters[slot];

    internal ulong NumberOf(int slot) => _numbers[slot];

    /// <summary>Takes the copies anew.</summary>
    /// <param name="map">The programs' map.</param>
    /// <param name="values">Room for one read of it.</param>
    /// <param name="sequences">By CPU, the kernel's number of its last switch when that was last looked up, 0 if never.</param>
    /// <param name="cpus">The numbers of the possible CPUs.</param>
    internal void Take(BpfPerCpuArrayMap<Cpu.CpuCounters> map, PerCpu<Cpu.CpuCounters> values, ReadOnlySpan<ulong> sequences, ReadOnlySpan<int> cpus)
    {
        int torn;
        int tries = 0;
        do
        {
            map.Read(0, values);
            torn = 0;
            int slot = 0;
            foreach (ref readonly Cpu.CpuCounters value in values)
            {
                if (value.Counted != value.Sequence)
                {
                    torn++;
                }

                _counters[slot++] = value;
            }
        }
        while (torn > 0 && ++tries < Tries);

        Number = 0;
        for (int slot = 0; slot < _counters.Length; slot++)
        {
            _numbers[slot] = Math.Max(_counters[slot].Sequence, sequences[cpus[slot]]);
            Number += _numbers[slot];
        }
    }
}
