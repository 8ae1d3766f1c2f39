using System.Globalization;
using System.IO.MemoryMappedFiles;
using Hypermesh.Bpf.Objects;

namespace Hypermesh.Bpf.Tests.Kernel.Handover;

/// <summary>
/// An agent that is killed at any time: it takes over what the one before has left, and marks each event of the ring in a file that all agents share, which stands for a receiver. It is a process of its own, of
/// these tests or compiled ahead of time (tests/agent).
/// </summary>
internal static unsafe class Agent
{
    internal const string Folder = "HANDED_FOLDER", Seen = "HANDED_SEEN", Producer = "HANDED_PRODUCER", Version = "HANDED_VERSION";

    /// <summary>The code with which an agent ends that finds the folder in use.</summary>
    internal const int InUse = 3;

    /// <summary>How many records it reads before it stores its position.</summary>
    internal const int Batch = 64;

    // The first page of the file is for figures; the marks of each CPU follow.
    internal const int Page = 4096, MostEvents = 1 << 25;

    /// <summary>Takes over, and reads until it is killed.</summary>
    internal static void Read()
    {
        using var file = MemoryMappedFile.CreateFromFile(Environment.GetEnvironmentVariable(Seen)!, FileMode.Open);
        using MemoryMappedViewAccessor view = file.CreateViewAccessor();
        byte* marks = null;
        view.SafeMemoryMappedViewHandle.AcquirePointer(ref marks);
        try
        {
            using BpfObject live = BpfObject.Load(Open(int.Parse(Environment.GetEnvironmentVariable(Version)!, CultureInfo.InvariantCulture)), new BpfLoadOptions { Handover = FolderOf() });
            live.Attach();

            // What it found, then that it has begun.
            long* figures = (long*)marks;
            figures[1] = (long)CountsOf(live).Produced;
            figures[2] = (long)live.SectionOf("handed_events", out int offset).Read<ulong>(offset);
            Interlocked.Increment(ref figures[0]);
            BpfRingBuffer<Handed.Record> ring = new(live.GetMap("handed_ring"));
            while (true)
            {
                if (ring.Consume((ref readonly record) => marks[Page + ((long)record.Cpu * MostEvents) + (long)record.Sequence]++, Batch) == 0)
                {
                    Thread.Sleep(1);
                }
            }
        }
        catch (BpfException reason) when (reason.Message.Contains(" is in use ", StringComparison.Ordinal))
        {
            Environment.Exit(InUse);
        }
    }

    /// <summary>Loads, attaches, reads, reloads and ends, until it is killed.</summary>
    internal static void Cycle()
    {
        for (int round = 0; ; round++)
        {
            using BpfObject live = BpfObject.Load(Open(round % 2), new BpfLoadOptions { Handover = FolderOf(), Reloadable = true });
            live.Attach();
            BpfRingBuffer<Handed.Record> ring = new(live.GetMap("handed_ring"));
            ring.Consume(static (ref readonly _) => { });
            live.HotReload(Open(1 - (round % 2)));
            ring.Consume(static (ref readonly _) => { });
        }
    }

    /// <summary>The object of a version, for the events of the producer.</summary>
    internal static BpfObjectSpec Open(int version)
    {
        BpfObjectSpec spec = version == 0 ? Handed.Open().Object : HandedNext.Open().Object;
        spec.SectionOf("tgid", out int offset).Write(offset, uint.Parse(Environment.GetEnvironmentVariable(Producer)!, CultureInfo.InvariantCulture));
        return spec;
    }

    /// <summary>How many events the programs of all versions have counted.</summary>
    internal static (ulong Produced, ulong Dropped) CountsOf(BpfObject live)
    {
        BpfMapHandle map = live.GetMap("handed_counts");
        return map.ValueSize == sizeof(Handed.Counts)
            ? new BpfPerCpuArrayMap<Handed.Counts>(map)[0].ToArray().Aggregate((0ul, 0ul), static (sum, one) => (sum.Item1 + one.Produced, sum.Item2 + one.Dropped))
            : new BpfPerCpuArrayMap<HandedNext.Counts>(map)[0].ToArray().Aggregate((0ul, 0ul), static (sum, one) => (sum.Item1 + one.Produced, sum.Item2 + one.Dropped));
    }

    private static BpfHandover? FolderOf() => Environment.GetEnvironmentVariable(Folder) is { Length: > 0 } folder ? new BpfHandover(folder) : null;
}
