namespace Hypermesh.Bpf;

/// <summary>Takes records while they lie in a CPU's buffer. A struct, so that reading allocates nothing.</summary>
internal interface IPerfSink
{
    void Take(int cpu, ReadOnlySpan<byte> record);
}
