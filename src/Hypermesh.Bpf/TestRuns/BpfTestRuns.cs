using System.Runtime.InteropServices;

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
    /// <exception cref="BpfSyscallException">The kernel refused; EINVAL: the packet or an option is nothing for the type, ENOSPC: the output is longer than the room.</exception>
    public static BpfTestRunResult TestRun(this IBpfPacketTest program, ReadOnlySpan<byte> packet, BpfTestRunOptions? options = null)
        => TestRunCall.Run(program, packet, [], options ?? new BpfTestRunOptions(), ExtraRoom);

    /// <summary>Runs it on a packet with a context (5.2; XDP 5.15).</summary>
    /// <typeparam name="TContext">The context's type, laid out as the kernel has it: <c>struct __sk_buff</c>, <c>struct xdp_md</c>.</typeparam>
    /// <param name="program">The program.</param>
    /// <param name="packet">The packet from its Ethernet header on, at least 14 bytes.</param>
    /// <param name="context">What the program gets; it comes back as the program left it.</param>
    /// <param name="options">How; null for once.</param>
    /// <exception cref="BpfException">The program is not loaded.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused; EINVAL: a field is set that the kernel takes none for.</exception>
    public static BpfTestRunResult TestRun<TContext>(this IBpfPacketTest program, ReadOnlySpan<byte> packet, ref TContext context, BpfTestRunOptions? options = null)
        where TContext : unmanaged
        => TestRunCall.Run(program, packet, MemoryMarshal.AsBytes(new Span<TContext>(ref context)), options ?? new BpfTestRunOptions(), ExtraRoom);

    /// <summary>Runs it on a context (5.10; syscall programs 5.14).</summary>
    /// <typeparam name="TContext">The context's type: the arguments of a tracepoint, each 8 bytes; what a syscall program is written for.</typeparam>
    /// <param name="program">The program.</param>
    /// <param name="context">What the program gets; of a syscall program it comes back as the program left it.</param>
    /// <param name="options">How; null for once.</param>
    /// <exception cref="BpfException">The program is not loaded.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused; EINVAL: the context is shorter than what the program reads, or an option is nothing for the type.</exception>
    public static BpfTestRunResult TestRun<TContext>(this IBpfContextTest program, ref TContext context, BpfTestRunOptions? options = null)
        where TContext : unmanaged
        => TestRunCall.Run(program, [], MemoryMarshal.AsBytes(new Span<TContext>(ref context)), options ?? new BpfTestRunOptions(), 0);
}
