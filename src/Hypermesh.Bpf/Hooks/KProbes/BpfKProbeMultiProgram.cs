using Hypermesh.Bpf.Objects.Symbols;

namespace Hypermesh.Bpf;

/// <summary>
/// A program at many kernel functions by one link: at entry (<c>kprobe.multi</c>), at return (<c>kretprobe.multi</c>; 5.18), or at both as one session
/// (<c>kprobe.session</c>, 6.10), whose entry may call its return off.
/// </summary>
public sealed class BpfKProbeMultiProgram : BpfProgram
{
    internal BpfKProbeMultiProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>True when it runs as the functions return, and not at their entry.</summary>
    public bool IsReturn => SectionName.StartsWith("kretprobe.multi", StringComparison.Ordinal);

    /// <summary>True when it runs at entry and at return.</summary>
    public bool IsSession => Descriptor.AttachType == BpfAttachType.TraceKProbeSession;

    /// <summary>Attaches to the functions that fit the section's pattern. Needs CAP_BPF and CAP_PERFMON; patterns with <c>*</c> or <c>?</c> a readable tracefs.</summary>
    /// <returns>The link; the live object keeps it, so it may be dropped.</returns>
    /// <exception cref="BpfFeatureNotSupportedException">No function fits, one of them is not there, or the kernel has no such links (5.18, CONFIG_FPROBE).</exception>
    /// <exception cref="BpfException">The program is not loaded, or attached there already, or its section has no pattern.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfLink Attach() => Attach(RequiredTarget("kprobe.multi/tcp_*"));

    /// <summary>Attaches to the functions that fit a pattern.</summary>
    /// <param name="pattern"><c>*</c> stands for any text, <c>?</c> for one character.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <inheritdoc cref="Attach()"/>
    public BpfLink Attach(string pattern, KProbeMultiOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(pattern);
        options ??= new KProbeMultiOptions();
        if (options.Cookies is not null && GlobPattern.IsPattern(pattern))
        {
            throw new BpfException($"Program {Name}: a pattern ({pattern}) has no order, so its functions have no cookies; give the functions by name.", Descriptor.ObjectName, Name);
        }

        if (!GlobPattern.IsPattern(pattern) && !options.Unique)
        {
            return Attach([pattern], options);
        }

        return AttachTo(pattern, program =>
        {
            LinkRequest request = Needs(pattern);
            ulong[] functions = KernelFunctions.Matching(request, pattern);
            return options.Unique && functions.Length > 1
                ? throw new BpfException($"Program {Name}: {functions.Length} functions fit {pattern}, and one was asked for.", Descriptor.ObjectName, Name)
                : KProbeMultiLink.OpenAddresses(request, program, Descriptor.AttachType, IsReturn, functions, null);
        });
    }

    /// <summary>Attaches to functions by name, all of them or none.</summary>
    /// <param name="functions">The functions.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <inheritdoc cref="Attach()"/>
    public BpfLink Attach(IReadOnlyList<string> functions, KProbeMultiOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(functions);
        string target = ProbePlaces.Describe(functions);
        return AttachTo(target, program => KProbeMultiLink.OpenNames(Needs(target), program, Descriptor.AttachType, IsReturn, functions, options?.Cookies));
    }

    /// <summary>Attaches to functions by address, as <c>/proc/kallsyms</c> has them.</summary>
    /// <param name="addresses">The addresses.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <inheritdoc cref="Attach()"/>
    public BpfLink Attach(IReadOnlyList<ulong> addresses, KProbeMultiOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(addresses);
        string target = ProbePlaces.Describe(addresses);
        return AttachTo(target, program => KProbeMultiLink.OpenAddresses(Needs(target), program, Descriptor.AttachType, IsReturn, [.. addresses], options?.Cookies));
    }

    internal override BpfLink? AutoAttach() => TargetName is null ? null : Attach();

    private LinkRequest Needs(string target) => Request(target, Capabilities.Bpf | Capabilities.PerfMon);
}
