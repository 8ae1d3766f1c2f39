namespace Hypermesh.Bpf;

/// <summary>How a <see cref="BpfPerfBuffer"/> is made.</summary>
public sealed class BpfPerfBufferOptions
{
    private const int UsualPages = 64;

    /// <summary>Memory pages of each CPU's buffer: a power of two.</summary>
    public int PagesPerCpu { get; init; } = UsualPages;

    /// <summary>How many records a CPU writes before a waiting reader is woken; 1 wakes it for each. Fewer are read after about 200 ms.</summary>
    public int WakeupRecords { get; init; } = 1;

    /// <summary>How many bytes a CPU writes before a waiting reader is woken, instead of a number of records; 0 to count records. Fewer are read after about 200 ms.</summary>
    public int WakeupBytes { get; init; }
}
