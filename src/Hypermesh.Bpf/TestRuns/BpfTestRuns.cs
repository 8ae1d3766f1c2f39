using System.Runtime.InteropServices;
using Hypermesh.Bpf.TestRuns;

namespace Hypermesh.Bpf;

/// <summary>Runs a loaded program without attaching it (BPF_PROG_TEST_RUN, 4.12). Needs CAP_BPF or CAP_NET_ADMIN, as the program's type does.</summary>
public static class BpfTestRuns
{
    private const int ExtraRoom = 256;

    /// <summary>Runs it on a packet.</summary>
    /// <param name="program">The program.</param>
    /// <param name="packet">The packet from its Ethernet header on, at least 14 bytes.</param>
    /// <param name="options">How; null for once.</param>
    /// <exception cref="BpfException">The program is not loaded.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EINVAL: the packet or an option is nothing for the type, ENOSPC: the output is longer than the room.</exception>
    public static BpfTestRunResult TestRun(this IBpfPacketTest program, ReadOnlySpan<byte> packet, BpfTestRunOptions? options = null)
        => TestRunCall.Run(program, packet, [], options ?? new BpfTestRunOptions(), ExtraRoom);

    /// <summary>Runs it on a packet with a context (5.2; XDP 5.15).</summary>
    /// <typeparam name="TContext">The context's type, laid out as the kernel has it: <c>struct __sk_buff</c>, <c>struct xdp_md</c>.</typeparam>
    /// <param name="program">The program.</param>
    /// <param name="packet">The packet from its Ethernet header on, at least 14 bytes.</param>
    /// <param name="context">What the program gets; it comes back as the program left it.</param>
    /// <param name="options">How; null for once.</param>
    /// <exception cref="BpfException">The program is not loaded.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EINVAL: a field is set that the kernel takes none for.</exception>
    public static BpfTestRunResult TestRun<TContext>(this IBpfPacketTest program, ReadOnlySpan<byte> packet, ref TContext context, BpfTestRunOptions? options = null)
        where TContext : unmanaged
        => TestRunCall.Run(program, packet, MemoryMarshal.AsBytes(new Span<TContext>(ref context)), options ?? new BpfTestRunOptions(), ExtraRoom);

    /// <summary>Runs it on a context (5.10; syscall programs 5.14).</summary>
    /// <typeparam name="TContext">The context's type: the arguments of a tracepoint, each 8 bytes; what a syscall program is written for.</typeparam>
    /// <param name="program">The program.</param>
    /// <param name="context">What the program gets; of a syscall program it comes back as the program left it.</param>
    /// <param name="options">How; null for once.</param>
    /// <exception cref="BpfException">The program is not loaded.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EINVAL: the context is shorter than what the program reads, or an option is nothing for the type.</exception>
    public static BpfTestRunResult TestRun<TContext>(this IBpfContextTest program, ref TContext context, BpfTestRunOptions? options = null)
        where TContext : unmanaged
        => TestRunCall.Run(program, [], MemoryMarshal.AsBytes(new Span<TContext>(ref context)), options ?? new BpfTestRunOptions(), 0);
}

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

/// <summary>What came of trying a program.</summary>
/// <param name="ReturnValue">What it returned the last time.</param>
/// <param name="Duration">The mean time of a run; zero for kinds the kernel does not time.</param>
/// <param name="Data">The packet as it left it; empty for runs without one and for live frames.</param>
public readonly record struct BpfTestRunResult(uint ReturnValue, TimeSpan Duration, ReadOnlyMemory<byte> Data);
