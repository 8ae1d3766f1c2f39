using System.Buffers.Text;

namespace Hypermesh.Bpf.Monitoring.KernelCounters;

/// <summary>The kernel's counters in <c>/proc/stat</c>.</summary>
internal sealed class ProcStat(string procFs = "/proc") : IDisposable
{
    private readonly ProcFile _file = new(System.IO.Path.Combine(procFs, "stat"));

    /// <summary>Context switches since boot (<c>ctxt</c>).</summary>
    internal ulong Switches { get; private set; }

    /// <summary>Tasks created since boot, threads included (<c>processes</c>).</summary>
    internal ulong Forks { get; private set; }

    /// <summary>Soft interrupts since boot (<c>softirq</c>).</summary>
    internal ulong Softirqs { get; private set; }

    /// <summary>Hardware interrupts with a number since boot (<c>intr</c> without its first figure, which has those of the architecture too).</summary>
    internal ulong Irqs { get; private set; }

    public void Dispose() => _file.Dispose();

    /// <summary>Reads all of them.</summary>
    /// <exception cref="BpfException">The file cannot be read, or lacks one of them.</exception>
    internal void Read()
    {
        ReadOnlySpan<byte> text = _file.Read();
        Switches = Find(text, "ctxt"u8);
        Forks = Find(text, "processes"u8);
        Softirqs = Find(text, "softirq"u8);
        Irqs = SumOfIrqs(text);
    }

    internal static ulong SumOfIrqs(ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> name = "\nintr "u8;
        int at = text.IndexOf(name);
        if (at < 0)
        {
            return 0;
        }

        text = text[(at + name.Length)..];
        int end = text.IndexOf((byte)'\n');
        text = end < 0 ? text : text[..end];
        ulong sum = 0;
        for (bool isTotal = true; !text.IsEmpty; isTotal = false)
        {
            int blank = text.IndexOf((byte)' ');
            sum += !isTotal && Utf8Parser.TryParse(text, out ulong count, out _) ? count : 0;
            text = blank < 0 ? default : text[(blank + 1)..];
        }

        return sum;
    }

    private ulong Find(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name)
        => ProcFile.TryFind(text, name, out ulong value) ? value : throw new BpfException($"{_file.Path} has no line \"{System.Text.Encoding.UTF8.GetString(name)}\".");
}
