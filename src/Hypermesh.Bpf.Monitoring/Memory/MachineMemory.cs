using Hypermesh.Bpf.Monitoring.KernelCounters;

namespace Hypermesh.Bpf.Monitoring.Memory;

/// <summary>The memory of the whole machine, from <c>/proc/meminfo</c>, in bytes.</summary>
internal sealed class MachineMemory(string procFs = "/proc") : IDisposable
{
    private const long Kilo = 1024;

    private readonly ProcFile _file = new(Path.Combine(procFs, "meminfo"), 8 * 1024);

    /// <summary>The memory of the machine.</summary>
    internal long Total { get; private set; }

    /// <summary>What can be had without swapping, by the kernel's estimate: what is above the reserves and what it can take back.</summary>
    internal long Available { get; private set; }

    /// <summary>The size of swap.</summary>
    internal long SwapTotal { get; private set; }

    /// <summary>The free swap.</summary>
    internal long SwapFree { get; private set; }

    public void Dispose() => _file.Dispose();

    /// <summary>Reads all of them; false where the file cannot be read any more, or lacks one of them.</summary>
    internal bool TryRead() => _file.TryRead(out ReadOnlySpan<byte> text) && TryTake(text);

    internal bool TryTake(ReadOnlySpan<byte> text)
    {
        if (!ProcFile.TryFind(text, "MemTotal"u8, out ulong total) || !ProcFile.TryFind(text, "MemAvailable"u8, out ulong available))
        {
            return false;
        }

        _ = ProcFile.TryFind(text, "SwapTotal"u8, out ulong swapTotal);
        _ = ProcFile.TryFind(text, "SwapFree"u8, out ulong swapFree);
        (Total, Available, SwapTotal, SwapFree) = ((long)total * Kilo, (long)available * Kilo, (long)swapTotal * Kilo, (long)swapFree * Kilo);
        return true;
    }
}
