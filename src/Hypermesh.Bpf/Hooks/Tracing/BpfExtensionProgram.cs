using Hypermesh.Bpf.Hooks.Tracing;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf;

/// <summary>A program that takes the place of a function of another program (<c>freplace</c>, 5.6). Its target is set on its spec by <see cref="BpfProgramTargets.SetTarget"/>.</summary>
public sealed class BpfExtensionProgram : BpfProgram
{
    internal BpfExtensionProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Takes the place of the function it was loaded for. Needs CAP_BPF and CAP_PERFMON.</summary>
    /// <returns>The link; the live object keeps it, so it may be dropped. The function comes back when it is detached.</returns>
    /// <exception cref="BpfException">The program is not loaded, or attached there already.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused; EBUSY: the function has been replaced already.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfProgramLink Attach()
    {
        string target = RequiredTarget("freplace/FUNCTION");
        return AttachTo(target, program => RawTracepointLink.Open(Needs(target), program, name: null));
    }

    /// <summary>Takes the place of a function of another program, whose parameters are those of the function it was loaded for (5.10).</summary>
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

/// <summary>Sets, before a program is loaded, which function of which other program it is for.</summary>
public static class BpfProgramTargets
{
    /// <summary>
    /// Aims a program at a function of another program, which is loaded: a replacement (<c>freplace</c>, 5.6), or one at its entry or exit (<c>fentry</c>, <c>fexit</c>, 5.6).
    /// </summary>
    /// <param name="spec">The program that will be loaded.</param>
    /// <param name="target">The live program; it must stay loaded until the other one is.</param>
    /// <param name="function">A function of the target that is not static and not inlined; null for the one the section names.</param>
    /// <remarks>Loading it needs CAP_SYS_ADMIN, since types of another program are opened by their number.</remarks>
    public static void SetTarget(this BpfProgramSpec spec, BpfProgram target, string? function = null)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(target);
        spec.TargetProgram = target;
        spec.TargetFunction = function;
    }
}
