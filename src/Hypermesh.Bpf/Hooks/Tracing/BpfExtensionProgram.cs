using Hypermesh.Bpf.Hooks.Tracing;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf;

/// <summary>A program that replaces a function of another program (<c>freplace</c>, 5.6). Its target is set on its spec by <see cref="BpfProgramTargets.SetTarget"/>.</summary>
public sealed class BpfExtensionProgram : BpfProgram
{
    internal BpfExtensionProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Replaces the function that the program was loaded for. Needs CAP_BPF and CAP_PERFMON.</summary>
    /// <returns>The link; the live object keeps it, so it may be dropped. Detaching it restores the function.</returns>
    /// <exception cref="BpfException">The program is not loaded, or attached there already.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EBUSY: the function is already replaced.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfProgramLink Attach()
    {
        string target = RequiredTarget("freplace/FUNCTION");
        return AttachTo(target, program => RawTracepointLink.Open(Needs(target), program, name: null));
    }

    /// <summary>Replaces a function of another program, which must have the parameters of the function that the program was loaded for (5.10).</summary>
    /// <param name="program">The other program.</param>
    /// <param name="function">Its function.</param>
    /// <inheritdoc cref="Attach()"/>
    public BpfProgramLink Attach(BpfProgram program, string function)
    {
        ArgumentNullException.ThrowIfNull(program);
        ArgumentException.ThrowIfNullOrEmpty(function);
        string target = $"{function} of program {program.Name}";
        return AttachTo(target, own =>
        {
            using HandleUse use = program.Loaded.Use();
            return TraceLink.OpenExtension(Needs(target), own, use.Descriptor, ProgramTarget.Find(program, function));
        });
    }

    internal override BpfProgramLink AutoAttach() => Attach();

    private LinkRequest Needs(string target) => Request(target, Capabilities.Bpf | Capabilities.PerfMon);
}

/// <summary>Sets the target of a program that attaches to another program.</summary>
public static class BpfProgramTargets
{
    /// <summary>
    /// Sets a function of another, loaded program as the target: of a replacement (<c>freplace</c>, 5.6), or of a program at its entry or exit (<c>fentry</c>, <c>fexit</c>, 5.6).
    /// </summary>
    /// <param name="spec">The program that will be loaded.</param>
    /// <param name="target">The target program; it must stay loaded until <paramref name="spec"/> is loaded.</param>
    /// <param name="function">A function of the target that is not static and not inlined; null for the one the section names.</param>
    /// <remarks>Loading it needs CAP_SYS_ADMIN, because the types of another program are opened by ID.</remarks>
    public static void SetTarget(this BpfProgramSpec spec, BpfProgram target, string? function = null)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(target);
        spec.TargetProgram = target;
        spec.TargetFunction = function;
    }
}
