namespace Hypermesh.Bpf;

/// <summary>How a program is tried. Numbers are the kernel's <c>BPF_F_TEST_…</c>.</summary>
[Flags]
public enum BpfTestRunFlags : uint
{
    /// <summary>As usual.</summary>
    None = 0,

    /// <summary>On the CPU of <see cref="BpfTestRunOptions.Cpu"/>; raw tracepoints only (5.10).</summary>
    OnCpu = 1 << 0,

    /// <summary>XDP verdicts are carried out: frames are sent, redirected or go up the stack of the device of the context (5.18).</summary>
    LiveFrames = 1 << 1,

    /// <summary>The packet comes with its checksum done (6.16).</summary>
    ChecksumComplete = 1 << 2,
}
