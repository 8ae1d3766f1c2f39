namespace Hypermesh.Bpf.Monitoring.KernelCounters;

/// <summary>The kernel's counters of memory in <c>/proc/vmstat</c>. One that a kernel does not have is 0.</summary>
internal sealed class VmStat(string procFs = "/proc") : IDisposable
{
    private readonly ProcFile _file = new(System.IO.Path.Combine(procFs, "vmstat"), 32 * 1024);

    public void Dispose() => _file.Dispose();

    /// <summary>Reads all of them.</summary>
    /// <exception cref="BpfException">The file cannot be read.</exception>
    internal VmCounts Read() => Parse(_file.Read());

    /// <summary>Parses the file: a name and a number a line.</summary>
    internal static VmCounts Parse(ReadOnlySpan<byte> text)
    {
        var counts = default(VmCounts);
        while (!text.IsEmpty)
        {
            int end = text.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? text : text[..end];
            text = end < 0 ? default : text[(end + 1)..];
            int blank = line.IndexOf((byte)' ');
            if (blank > 0 && ProcFile.TryNumber(line[blank..], out ulong value))
            {
                counts.Take(line[..blank], value);
            }
        }

        return counts;
    }
}

/// <summary>The counters at one moment, since boot.</summary>
internal struct VmCounts
{
    /// <summary>Pages that the allocator handed out (<c>pgalloc_*</c>), with those of bulk allocations.</summary>
    internal ulong AllocatedPages;

    /// <summary>Allocations for which compaction made room (<c>compact_success</c>). A page that compaction hands over directly is not in <see cref="AllocatedPages"/>.</summary>
    internal ulong Compacted;

    /// <summary>Attempts of direct reclaim (<c>allocstall_*</c>): one to <see cref="AttemptsPerStall"/> for each time that a task was stalled.</summary>
    internal ulong Stalls;

    /// <summary>Pages that reclaim scanned, on all lists (<c>pgscan_anon</c>, <c>pgscan_file</c>, 5.8).</summary>
    internal ulong ScannedPages;

    /// <summary>Of these, pages scanned because the machine was short of memory, not a cgroup.</summary>
    internal ulong ScannedForMachine;

    /// <summary>Pages scanned by tasks that had to wait (<c>pgscan_direct</c>); on 7.2, and not on 6.18, also by those of a cgroup at its limit.</summary>
    internal ulong ScannedDirectly;

    /// <summary>Runs of kswapd (<c>pageoutrun</c>).</summary>
    internal ulong KswapdRuns;

    /// <summary>Processes that the OOM killer killed (<c>oom_kill</c>, 4.13).</summary>
    internal ulong OomKills;

    /// <summary>The most attempts of one stall: the kernel tries again with less protection, up to three times.</summary>
    internal const ulong AttemptsPerStall = 4;

    /// <summary>Pages scanned because a cgroup was at its limit.</summary>
    internal readonly ulong ScannedForCGroups => Saturating.Subtract(ScannedPages, ScannedForMachine);

    internal void Take(ReadOnlySpan<byte> name, ulong value)
    {
        if (name.StartsWith("pgalloc_"u8))
        {
            AllocatedPages += value;
        }
        else if (name.StartsWith("allocstall"u8))
        {
            Stalls += value;
        }
        else if (name.SequenceEqual("pgscan_anon"u8) || name.SequenceEqual("pgscan_file"u8))
        {
            ScannedPages += value;
        }
        else if (name.SequenceEqual("pgscan_kswapd"u8) || name.SequenceEqual("pgscan_direct"u8) || name.SequenceEqual("pgscan_khugepaged"u8) || name.SequenceEqual("pgscan_proactive"u8))
        {
            ScannedForMachine += value;
            ScannedDirectly = name.SequenceEqual("pgscan_direct"u8) ? value : ScannedDirectly;
        }
        else if (name.SequenceEqual("compact_success"u8))
        {
            Compacted = value;
        }
        else if (name.SequenceEqual("pageoutrun"u8))
        {
            KswapdRuns = value;
        }
        else if (name.SequenceEqual("oom_kill"u8))
        {
            OomKills = value;
        }
    }
}
