namespace Hypermesh.Bpf;

/// <summary>How a program is tried; the defaults run it once.</summary>
public sealed class BpfTestRunOptions
{
    /// <summary>How often it runs. Syscall programs and raw tracepoints run once.</summary>
    public uint Repeat { get; init; }

    /// <summary>The flags.</summary>
    public BpfTestRunFlags Flags { get; init; }

    /// <summary>The CPU, for <see cref="BpfTestRunFlags.OnCpu"/>.</summary>
    public uint Cpu { get; init; }

    /// <summary>How many live frames are sent together, 0 for the kernel's 64 (5.18).</summary>
    public uint BatchSize { get; init; }

    /// <summary>Room for the packet as the program leaves it, in bytes; 0 for the packet's size and 256 more.</summary>
    public int OutputSize { get; init; }
}
