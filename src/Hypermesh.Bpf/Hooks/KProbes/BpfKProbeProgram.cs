using System.Runtime.InteropServices;
using Hypermesh.Bpf.Features;
using Hypermesh.Bpf.Hooks.KProbes;
using Hypermesh.Bpf.Hooks.TraceEvents;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf;

/// <summary>A program at the entry of a kernel function (<c>kprobe</c>, 4.1) or at its return (<c>kretprobe</c>).</summary>
public sealed class BpfKProbeProgram : BpfProgram
{
    internal BpfKProbeProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>True if the program runs when the function returns.</summary>
    public bool IsReturn => Descriptor.IsReturn;

    /// <summary>Attaches where the section says. Needs CAP_BPF and CAP_PERFMON; through tracefs, also write access to it.</summary>
    /// <returns>The link; the live object keeps it, so it may be dropped.</returns>
    /// <exception cref="BpfFeatureNotSupportedException">The kernel has no such function, or does not support kprobes.</exception>
    /// <exception cref="BpfException">The program is not loaded, or attached there already, or its section names no function.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfProgramLink Attach() => Attach(RequiredTarget("kprobe/do_unlinkat"));

    /// <summary>Attaches to a function.</summary>
    /// <param name="function">The function; <c>name+0x10</c> for an instruction in it, for entry probes only.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <inheritdoc cref="Attach()"/>
    public BpfProgramLink Attach(string function, KProbeOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(function);
        options ??= new KProbeOptions();
        FunctionPlace place = FunctionPlace.Parse(function);
        string target = ProbePlaces.Describe(place.ToString(), options.Cookie);
        return AttachTo(target, program => KProbeLink.Open(Request(target, Capabilities.Bpf | Capabilities.PerfMon), program, place, IsReturn, options));
    }

    internal override BpfProgramLink? AutoAttach() => TargetName is null ? null : Attach();
}

/// <summary>Options for attaching a program to a kernel function.</summary>
public sealed record KProbeOptions
{
    /// <summary>A number the program reads with <c>bpf_get_attach_cookie</c> (5.15), to distinguish its attachments.</summary>
    public ulong Cookie { get; init; }

    /// <summary>
    /// For return probes: the number of concurrent calls of the function beyond which returns are missed; 0 for the kernel's default (at least 10, or twice its CPUs).
    /// Requires the tracing file system, so it excludes every other <see cref="Method"/>.
    /// </summary>
    public int MaxActive { get; init; }

    /// <summary>The kernel mechanism that attaches the probe.</summary>
    public ProbeMethod Method { get; init; }
}

/// <summary>A program at a system call (<c>ksyscall/openat</c>) or its return (<c>kretsyscall/openat</c>), by the call's name on any architecture.</summary>
public sealed class BpfKSyscallProgram : BpfProgram
{
    private const string UnwrappedPrefix = "__se_sys_";

    internal BpfKSyscallProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>True if the program runs when the call returns.</summary>
    public bool IsReturn => Descriptor.IsReturn;

    /// <summary>Attaches to the system call that the section names. Needs CAP_BPF and CAP_PERFMON.</summary>
    /// <inheritdoc cref="BpfKProbeProgram.Attach()"/>
    public BpfProgramLink Attach() => Attach(RequiredTarget("ksyscall/openat"));

    /// <summary>Attaches to a system call.</summary>
    /// <param name="call">The call's name, without prefix: <c>openat</c>.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <inheritdoc cref="BpfKProbeProgram.Attach()"/>
    public BpfProgramLink Attach(string call, KProbeOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(call);
        options ??= new KProbeOptions();
        string function = (SyscallWrapper.Test.Has(Kernel) ? SyscallWrapper.Prefix : UnwrappedPrefix) + call;
        string target = ProbePlaces.Describe($"system call {call} ({function})", options.Cookie);
        return AttachTo(target, program => KProbeLink.Open(
            Request(target, Capabilities.Bpf | Capabilities.PerfMon), program, new FunctionPlace(function, 0), IsReturn, options));
    }

    internal override BpfProgramLink? AutoAttach() => TargetName is null ? null : Attach();
}

/// <summary>
/// Probes whether system calls are functions that get their arguments in a struct pt_regs (4.17, CONFIG_ARCH_HAS_SYSCALL_WRAPPER): then bpf(2) is
/// <c>__x64_sys_bpf</c>, and a kprobe finds it. Without kprobes the answer is not needed.
/// </summary>
internal static class SyscallWrapper
{
    /// <summary>The prefix of the call's name in that case.</summary>
    internal static string Prefix { get; } = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "__arm64_sys_" : "__x64_sys_";

    internal static FeatureProbe Test { get; } = new(BpfFeature.SyscallWrapper, Try);

    private static long Try(IKernel kernel) => ProbePmu.Read(kernel, ProbePmu.Kernel) is { } pmu ? KProbeLink.Try(kernel, pmu, Prefix + "bpf") : -Errno.ENOENT;
}
