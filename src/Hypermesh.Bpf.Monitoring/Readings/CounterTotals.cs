using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Hypermesh.Bpf.Monitoring.Readings;

/// <summary>The sums of counters that a program keeps for each CPU, in a map that is in this process's memory.</summary>
internal static class CounterTotals
{
    /// <summary>Adds up a struct of counters, each of which is one number of 64 bits.</summary>
    internal static void Sum<TCounters>(BpfMappedArray<TCounters> cpus, out TCounters total)
        where TCounters : unmanaged
    {
        total = default;
        Sum(cpus, MemoryMarshal.Cast<TCounters, ulong>(new Span<TCounters>(ref total)));
    }

    /// <summary>Adds up the same, to be addressed by place.</summary>
    internal static void Sum<TCounters>(BpfMappedArray<TCounters> cpus, Span<ulong> total)
        where TCounters : unmanaged
    {
        int places = Unsafe.SizeOf<TCounters>() / sizeof(ulong);
        total.Clear();
        using BpfMappedSpan<TCounters> shared = cpus.Use();
        ReadOnlySpan<ulong> values = MemoryMarshal.Cast<TCounters, ulong>(shared.Span);
        for (int at = 0; at < values.Length; at += places)
        {
            for (int place = 0; place < places; place++)
            {
                total[place] += values[at + place];
            }
        }
    }
}
