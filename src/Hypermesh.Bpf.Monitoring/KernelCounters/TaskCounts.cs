namespace Hypermesh.Bpf.Monitoring.KernelCounters;

/// <summary>The kernel's own counts of tasks: how many were ever created (<c>processes</c> of <c>/proc/stat</c>), and how many exist (<c>/proc/loadavg</c>). Threads and kernel threads are tasks.</summary>
internal sealed class TaskCounts : IDisposable
{
    private readonly ProcFile _stat;
    private readonly ProcFile _load;

    internal TaskCounts(string procFs)
    {
        _stat = new ProcFile(Path.Combine(procFs, "stat"));
        try
        {
            _load = new ProcFile(Path.Combine(procFs, "loadavg"), 128);
        }
        catch
        {
            _stat.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _stat.Dispose();
        _load.Dispose();
    }

    /// <summary>Returns the number of tasks created since boot.</summary>
    /// <exception cref="BpfException">The file cannot be read, or has no such line.</exception>
    internal ulong ReadCreated()
        => ProcFile.TryFind(_stat.Read(), "processes"u8, out ulong created) ? created : throw new BpfException($"{_stat.Path} has no line \"processes\".");

    /// <summary>Returns the number of tasks that exist. One that has ended exists until its parent has read its status.</summary>
    /// <exception cref="BpfException">The file cannot be read, or has another form.</exception>
    internal ulong ReadExisting()
        => TryParseExisting(_load.Read(), out ulong existing) ? existing : throw new BpfException($"{_load.Path} does not have the number of tasks as its fourth field.");

    /// <summary>Parses <c>0.00 0.01 0.05 1/123 4567</c>: the number after the slash.</summary>
    internal static bool TryParseExisting(ReadOnlySpan<byte> text, out ulong existing)
    {
        int slash = text.IndexOf((byte)'/');
        existing = 0;
        return slash >= 0 && ProcFile.TryNumber(text[(slash + 1)..], out existing);
    }
}
