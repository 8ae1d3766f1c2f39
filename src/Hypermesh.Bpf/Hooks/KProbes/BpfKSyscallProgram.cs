namespace Hypermesh.Bpf;

/// <summary>A program at a system call (<c>ksyscall/openat</c>) or its return (<c>kretsyscall/openat</c>), by the call's name on any architecture.</summary>
public sealed class BpfKSyscallProgram : BpfProgram
{
    private const string UnwrappedPrefix = "__se_sys_";

    internal BpfKSyscallProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>True when it runs as the call returns.</summary>
    public bool IsReturn => SectionName.StartsWith("kretsyscall", StringComparison.Ordinal);

    /// <summary>Attaches to the call the section names. Needs CAP_BPF and CAP_PERFMON.</summary>
    /// <inheritdoc cref="BpfKProbeProgram.Attach()"/>
    public BpfLink Attach() => Attach(RequiredTarget("ksyscall/openat"));

    /// <summary>Attaches to a system call.</summary>
    /// <param name="call">The call's name, without prefix: <c>openat</c>.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <inheritdoc cref="BpfKProbeProgram.Attach()"/>
    public BpfLink Attach(string call, KProbeOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(call);
        options ??= new KProbeOptions();
        string function = (SyscallWrapper.Test.Has(Kernel) ? SyscallWrapper.Prefix : UnwrappedPrefix) + call;
        string target = ProbePlaces.Describe($"system call {call} ({function})", options.Cookie);
        return AttachTo(target, program => KProbeLink.Open(
            Request(target, Capabilities.Bpf | Capabilities.PerfMon), program, new FunctionPlace(function, 0), IsReturn, options));
    }

    internal override BpfLink? AutoAttach() => TargetName is null ? null : Attach();
}
