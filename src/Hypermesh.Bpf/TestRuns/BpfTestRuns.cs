using System.Runtime.InteropServices;
using Hypermesh.Bpf.TestRuns;

namespace Hypermesh.Bpf;

/// <summary>Runs a loaded program without attaching it (BPF_PROG_TEST_RUN, 4.12). Needs CAP_BPF or CAP_NET_ADMIN, depending on the program's type.</summary>
public static class BpfTestRuns
{
    private const int ExtraRoom = 256;

    /// <summary>Runs a program on a packet.</summary>
    /// <param name="program">The program.</param>
    /// <param name="packet">The packet from its Ethernet header on, at least 14 bytes.</param>
    /// <param name="options">The options; null to run once.</param>
    /// <exception cref="BpfException">The program is not loaded.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EINVAL: the program type does not support the packet or an option; ENOSPC: the output is longer than the buffer.</exception>
    public static BpfTestRunResult TestRun(this IBpfPacketTest program, ReadOnlySpan<byte> packet, BpfTestRunOptions? options = null)
        => TestRunCall.Run(program, packet, [], options ?? new BpfTestRunOptions(), ExtraRoom);

    /// <summary>Runs a program on a packet with a context (5.2; XDP 5.15).</summary>
    /// <typeparam name="TContext">The context's type, with the kernel's layout: <c>struct __sk_buff</c>, <c>struct xdp_md</c>.</typeparam>
    /// <param name="program">The program.</param>
    /// <param name="packet">The packet from its Ethernet header on, at least 14 bytes.</param>
    /// <param name="context">The context that the program gets; the program can change it.</param>
    /// <param name="options">The options; null to run once.</param>
    /// <exception cref="BpfException">The program is not loaded.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EINVAL: a field is set that the kernel does not accept.</exception>
    public static BpfTestRunResult TestRun<TContext>(this IBpfPacketTest program, ReadOnlySpan<byte> packet, ref TContext context, BpfTestRunOptions? options = null)
        where TContext : unmanaged
        => TestRunCall.Run(program, packet, MemoryMarshal.AsBytes(new Span<TContext>(ref context)), options ?? new BpfTestRunOptions(), ExtraRoom);

    /// <summary>Runs a program on a context (5.10; syscall programs 5.14).</summary>
    /// <typeparam name="TContext">The context's type: the arguments of a tracepoint, each 8 bytes; the context of a syscall program.</typeparam>
    /// <param name="program">The program.</param>
    /// <param name="context">The context that the program gets; a syscall program can change it.</param>
    /// <param name="options">The options; null to run once.</param>
    /// <exception cref="BpfException">The program is not loaded.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EINVAL: the context is shorter than the program's reads, or the program type does not support an option.</exception>
    public static BpfTestRunResult TestRun<TContext>(this IBpfContextTest program, ref TContext context, BpfTestRunOptions? options = null)
        where TContext : unmanaged
        => TestRunCall.Run(program, [], MemoryMarshal.AsBytes(new Span<TContext>(ref context)), options ?? new BpfTestRunOptions(), 0);
}

/// <summary>Flags of a test run. Values are those of the kernel's <c>BPF_F_TEST_…</c>.</summary>
[Flags]
public enum BpfTestRunFlags : uint
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Runs on the CPU of <see cref="BpfTestRunOptions.Cpu"/>; raw tracepoints only (5.10).</summary>
    OnCpu = 1 << 0,

    /// <summary>Executes XDP verdicts: frames are sent, redirected or passed to the network stack of the context's device (5.18).</summary>
    LiveFrames = 1 << 1,

    /// <summary>Marks the packet's checksum as complete (6.16).</summary>
    ChecksumComplete = 1 << 2,
}

/// <summary>Options of a test run; the defaults run the program once.</summary>
public sealed class BpfTestRunOptions
{
    /// <summary>The number of runs. Syscall programs and raw tracepoints run once.</summary>
    public uint Repeat { get; init; }

    /// <summary>The flags.</summary>
    public BpfTestRunFlags Flags { get; init; }

    /// <summary>The CPU, for <see cref="BpfTestRunFlags.OnCpu"/>.</summary>
    public uint Cpu { get; init; }

    /// <summary>The number of live frames in a batch; 0 for the kernel's default of 64 (5.18).</summary>
    public uint BatchSize { get; init; }

    /// <summary>The size of the output buffer in bytes; 0 for the packet's size plus 256.</summary>
    public int OutputSize { get; init; }
}

/// <summary>The result of a test run.</summary>
/// <param name="ReturnValue">The return value of the last run.</param>
/// <param name="Duration">The mean time of a run; zero for program types that the kernel does not time.</param>
/// <param name="Data">The packet after the run; empty for runs without a packet and for live frames.</param>
public readonly record struct BpfTestRunResult(uint ReturnValue, TimeSpan Duration, ReadOnlyMemory<byte> Data);
