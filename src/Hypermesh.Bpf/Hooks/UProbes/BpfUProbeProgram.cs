using Hypermesh.Bpf.Hooks.KProbes;
using Hypermesh.Bpf.Hooks.Probes;
using Hypermesh.Bpf.Hooks.UProbes;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf;

/// <summary>A program at a place of user programs and libraries (<c>uprobe/FILE:FUNCTION</c>, 4.1; sleepable <c>uprobe.s</c>, 6.0) or at a function's return (<c>uretprobe</c>).</summary>
public sealed class BpfUProbeProgram : BpfProgram
{
    internal BpfUProbeProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>True when it runs as the function returns.</summary>
    public bool IsReturn => Descriptor.IsReturn;

    /// <summary>Attaches where the section says, in all processes. Needs CAP_BPF and CAP_PERFMON; on kernels since July 2025 (6.16, 6.12.39, 6.6.99, 6.1.146, 5.15.189, 5.10.240) CAP_SYS_ADMIN, but for uprobe.multi.</summary>
    /// <returns>The link; the live object keeps it, so it may be dropped.</returns>
    /// <exception cref="BpfFeatureNotSupportedException">There is no such file, or no such function in it, or the kernel lacks what the options ask for.</exception>
    /// <exception cref="BpfObjectFormatException">The file is no 64-bit program or library, or is damaged.</exception>
    /// <exception cref="BpfException">The program is not loaded, or attached there already, or its section names no place.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfProgramLink Attach()
    {
        const string Example = "uprobe/libc.so.6:malloc";
        UserTarget target = UserTarget.Parse(RequiredTarget(Example)) ?? throw new BpfException(
            $"Program {Name}: section {SectionName} names no function; write it like SEC(\"{Example}\").", Descriptor.ObjectName, Name);
        return Attach(target.Binary, target.Name);
    }

    /// <summary>Attaches to a function.</summary>
    /// <param name="binary">The program's or library's path, or its bare name, which is looked for where the system looks.</param>
    /// <param name="function">The function, exported or static; <c>name@VERSION</c> for one version, <c>name+0x10</c> for an instruction in it.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <inheritdoc cref="Attach()"/>
    public BpfProgramLink Attach(string binary, string function, UProbeOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(binary);
        ArgumentException.ThrowIfNullOrEmpty(function);
        options ??= new UProbeOptions();
        FunctionPlace place = FunctionPlace.Parse(function);
        if (IsReturn && place.Offset != 0)
        {
            throw new BpfException($"Program {Name} cannot be attached to {place}: a return probe has no offset.", Descriptor.ObjectName, Name);
        }

        string target = ProbePlaces.Describe($"{binary}:{place}", options.Cookie, options.ProcessId);
        return AttachTo(target, program =>
        {
            LinkRequest request = Needs(target);
            using UserBinary file = UserBinary.Open(request, binary);
            return UProbeLink.Open(request, program, file.Path, file.Find(request, place.Function) + place.Offset, IsReturn, options);
        });
    }

    /// <summary>Attaches to an instruction by its place in the file.</summary>
    /// <param name="binary">The program's or library's path, or its bare name.</param>
    /// <param name="offset">The byte in the file.</param>
    /// <param name="options">How; null for the defaults.</param>
    /// <inheritdoc cref="Attach()"/>
    public BpfProgramLink Attach(string binary, ulong offset, UProbeOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(binary);
        options ??= new UProbeOptions();
        string target = ProbePlaces.Describe($"{binary}:0x{offset:x}", options.Cookie, options.ProcessId);
        return AttachTo(target, program => UProbeLink.Open(Needs(target), program, UserPath.Resolve(Needs(target), binary), offset, IsReturn, options));
    }

    internal override BpfProgramLink? AutoAttach() => TargetName is null ? null : Attach();

    private LinkRequest Needs(string target) => Request(target, Capabilities.Bpf | Capabilities.PerfMon);
}

/// <summary>How a program is attached to a place of a user program or library.</summary>
public sealed record UProbeOptions
{
    /// <summary>The process whose calls count; null for all, those that begin later too.</summary>
    public int? ProcessId { get; init; }

    /// <summary>A number the program reads by <c>bpf_get_attach_cookie</c> (5.15).</summary>
    public ulong Cookie { get; init; }

    /// <summary>The byte of the file where a 16-bit counter is that the kernel raises while anyone listens (4.20), such as a static probe's semaphore; 0 for none.</summary>
    public ulong ReferenceCounterOffset { get; init; }

    /// <summary>By which of the kernel's ways.</summary>
    public ProbeMethod Method { get; init; }
}
