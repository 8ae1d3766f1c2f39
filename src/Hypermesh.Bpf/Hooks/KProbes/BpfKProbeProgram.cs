namespace Hypermesh.Bpf;

/// <summary>A program at a kernel function (<c>kprobe</c>, 4.1) or at its return (<c>kretprobe</c>).</summary>
public sealed class BpfKProbeProgram : BpfProgram
{
    internal BpfKProbeProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>True when it runs as the function returns.</summary>
    public bool IsReturn => SectionName.StartsWith("kretprobe", StringComparison.Ordinal);

    /// <summary>Attaches where the section says. Needs CAP_BPF and CAP_PERFMON; through tracefs, that to be writable.</summary>
    /// <returns>The link; the live object keeps it, so it may be dropped.</returns>
    /// <exception cref="BpfFeatureNotSupportedException">The kernel has no such function, or no kprobes.</exception>
    /// <exception cref="BpfException">The program is not loaded, or attached there already, or its section names no function.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfLink Attach() => Attach(RequiredTarget("kprobe/do_unlinkat"));

    /// <summary>Attaches to a function.</summary>
    /// <param name="function">The function; <c>name+0x10</c> for an instruction in it, which only entry probes take.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <inheritdoc cref="Attach()"/>
    public BpfLink Attach(string function, KProbeOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(function);
        options ??= new KProbeOptions();
        FunctionPlace place = FunctionPlace.Parse(function);
        string target = ProbePlaces.Describe(place.ToString(), options.Cookie);
        return AttachTo(target, program => KProbeLink.Open(Request(target, Capabilities.Bpf | Capabilities.PerfMon), program, place, IsReturn, options));
    }

    internal override BpfLink? AutoAttach() => TargetName is null ? null : Attach();
}
