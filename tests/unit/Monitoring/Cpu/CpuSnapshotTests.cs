using Hypermesh.Bpf.Monitoring.Cpu;

namespace Hypermesh.Bpf.Tests.Unit.Monitoring.Cpu;

public sealed class CpuSnapshotTests
{
    [Fact]
    public void Counters_in_the_middle_of_a_switch_are_torn_and_marked_so()
    {
        var snapshot = new CpuSnapshot(2);
        CpuSkeleton.CpuCounters[] shared = [new() { Counted = 7, Sequence = 7, Voluntary = 5 }, new() { Counted = 8, Sequence = 9, Voluntary = 6 }];

        snapshot.Take(shared, new CpuSkeleton.CpuState[2], [0, 1]);

        Assert.Equal((false, true), (snapshot.IsTorn(0), snapshot.IsTorn(1)));
        Assert.Equal((5UL, 6UL, 16UL), (snapshot.Counters(0).Voluntary, snapshot.Counters(1).Voluntary, snapshot.Number));
    }

    [Fact]
    public void A_copy_that_is_whole_the_next_time_is_no_longer_torn()
    {
        var snapshot = new CpuSnapshot(1);
        snapshot.Take([new() { Counted = 1, Sequence = 2 }], new CpuSkeleton.CpuState[1], [0]);
        Assert.True(snapshot.IsTorn(0));
        snapshot.Take([new() { Counted = 2, Sequence = 2 }], new CpuSkeleton.CpuState[1], [0]);
        Assert.False(snapshot.IsTorn(0));
    }

    [Fact]
    public void The_counters_of_a_CPU_are_at_its_number_and_a_number_looked_up_later_counts()
    {
        var snapshot = new CpuSnapshot(2);
        CpuSkeleton.CpuCounters[] shared = [new() { Counted = 3, Sequence = 3 }, default, new() { Counted = 4, Sequence = 4 }];

        snapshot.Take(shared, [new() { Sequence = 2 }, default, new() { Sequence = 6 }], [0, 2]);

        Assert.Equal((3UL, 6UL, 9UL), (snapshot.NumberOf(0), snapshot.NumberOf(1), snapshot.Number));
    }

    [Fact]
    public void The_time_of_the_running_task_counts_only_with_the_switch_it_was_read_at()
    {
        var snapshot = new CpuSnapshot(2);
        CpuSkeleton.CpuCounters[] shared = [new() { Counted = 3, Sequence = 3, RunTimeNs = 100 }, new() { Counted = 5, Sequence = 5, RunTimeNs = 200 }];

        snapshot.Take(shared, [new() { Counted = 3, PartialNs = 7 }, new() { Counted = 4, PartialNs = 7 }], [0, 1]);

        Assert.Equal((107UL, 200UL), (snapshot.RunTimeNs(0), snapshot.RunTimeNs(1)));
    }

    // The writer stores as the program does on a processor that keeps stores in order.
    [Fact]
    public void A_whole_copy_holds_whole_switches_while_another_thread_writes()
    {
        var shared = new CpuSkeleton.CpuCounters[1];
        using var stop = new CancellationTokenSource();
        var writer = new Thread(() =>
        {
            ref CpuSkeleton.CpuCounters cpu = ref shared[0];
            for (ulong n = 1; !stop.IsCancellationRequested; n++)
            {
                Volatile.Write(ref cpu.Sequence, n);
                Volatile.WriteBarrier();
                cpu.Voluntary++;
                cpu.LatencyCount++;
                cpu.LatencySumNs += 3;
                cpu.Latency[39]++;
                Volatile.Write(ref cpu.Counted, n);
            }
        });
        writer.Start();
        try
        {
            int whole = 0;
            long end = Environment.TickCount64 + 300;
            while (Environment.TickCount64 < end || whole == 0)
            {
                if (CpuSnapshot.TryCopy(in shared[0], out CpuSkeleton.CpuCounters copy))
                {
                    whole++;
                    ulong n = copy.Sequence;
                    Assert.Equal((n, n, n, 3 * n, n), (copy.Counted, copy.Voluntary, copy.LatencyCount, copy.LatencySumNs, copy.Latency[39]));
                }
            }
        }
        finally
        {
            stop.Cancel();
            writer.Join();
        }
    }
}
