namespace Hypermesh.Bpf;

/// <summary>How a <see cref="BpfPerfBuffer"/> is made.</summary>
public sealed class BpfPerfBufferOptions
{
    private const int UsualPages = 64;

    /// <summary>Memory pages of each CPU's buffer: a power of two.</summary>
    public int PagesPerCpu { get; init; } = UsualPages;

    /// <summary>A waiting reader is woken each time a CPU has written so many records; 1 for each. Fewer are read after about 200 ms.</summary>
    public int WakeupRecords { get; init; } = 1;

    /// <summary>A waiting reader is woken when so many bytes lie in a CPU's buffer, in place of counting records; 0 to count. Less is read after about 200 ms.</summary>
    public int WakeupBytes { get; init; }
}
