using System.Runtime.InteropServices;

namespace Hypermesh.Bpf;

/// <summary>
/// Whether system calls are functions that get their arguments in a struct pt_regs (4.17, CONFIG_ARCH_HAS_SYSCALL_WRAPPER): then bpf(2) is
/// <c>__x64_sys_bpf</c>, and a kprobe finds it. Without kprobes nobody asks.
/// </summary>
internal static class SyscallWrapper
{
    /// <summary>What stands before the call's name then.</summary>
    internal static string Prefix { get; } = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "__arm64_sys_" : "__x64_sys_";

    internal static FeatureTest Test { get; } = new(BpfFeature.SyscallWrapper, Try);

    private static long Try(IKernel kernel) => ProbePmu.Read(kernel, ProbePmu.Kernel) is { } pmu ? KProbeLink.Try(kernel, pmu, Prefix + "bpf") : -Errno.ENOENT;
}
