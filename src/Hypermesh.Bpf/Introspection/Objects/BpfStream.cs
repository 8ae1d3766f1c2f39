namespace Hypermesh.Bpf;

/// <summary>What a program writes with <c>bpf_stream_printk</c>, and the kernel writes of its errors (6.17).</summary>
public enum BpfStream : uint
{
    /// <summary><c>BPF_STDOUT</c></summary>
    Output = 1,

    /// <summary><c>BPF_STDERR</c>: what the program says, and what the kernel says of it when it is stopped.</summary>
    Error = 2,
}
