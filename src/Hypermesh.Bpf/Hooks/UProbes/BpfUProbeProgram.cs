using Hypermesh.Bpf.Hooks.KProbes;
using Hypermesh.Bpf.Hooks.TraceEvents;
using Hypermesh.Bpf.Hooks.UProbes;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf;

/// <summary>A program at a place in a user program or library (<c>uprobe/FILE:FUNCTION</c>, 4.1; sleepable <c>uprobe.s</c>, 6.0) or at a function's return (<c>uretprobe</c>).</summary>
public sealed class BpfUProbeProgram : BpfProgram
{
    internal BpfUProbeProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>True if the program runs when the function returns.</summary>
    public bool IsReturn => Descriptor.IsReturn;

    /// <summary>Attaches where the section says, in all processes. Needs CAP_BPF and CAP_PERFMON; on kernels since July 2025 (6.16, 6.12.39, 6.6.99, 6.1.146, 5.15.189, 5.10.240) CAP_SYS_ADMIN, except for uprobe.multi.</summary>
    /// <returns>The link; the live object keeps it, so it may be dropped.</returns>
    /// <exception cref="BpfFeatureNotSupportedException">There is no such file, or no such function in it, or the kernel does not support the options.</exception>
    /// <exception cref="BpfObjectFormatException">The file is not a 64-bit program or library, or is damaged.</exception>
    /// <exception cref="BpfException">The program is not loaded, or attached there already, or its section names no place.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfProgramLink Attach()
    {
        const string Example = "uprobe/libc.so.6:malloc";
        UserTarget target = UserTarget.Parse(RequiredTarget(Example)) ?? throw new BpfException(
            $"Program {Name}: section {SectionName} names no function: write it like SEC(\"{Example}\").", Descriptor.ObjectName, Name);
        return Attach(target.Binary, target.Name);
    }

    /// <summary>Attaches to a function.</summary>
    /// <param name="binary">The program's or library's path, or its bare name, which is searched in the system's directories.</param>
    /// <param name="function">The function, exported or static; <c>name@VERSION</c> for one version, <c>name+0x10</c> for an instruction in it.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <inheritdoc cref="Attach()"/>
    public BpfProgramLink Attach(string binary, string function, UProbeOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(binary);
        ArgumentException.ThrowIfNullOrEmpty(function);
        options ??= new UProbeOptions();
        FunctionPlace place = FunctionPlace.Parse(function);
        if (IsReturn && place.Offset != 0)
        {
            throw new BpfException($"Program {Name} cannot be attached to {place}: a return probe cannot have an offset. Pass the function's name alone.", Descriptor.ObjectName, Name);
        }

        string target = ProbePlaces.Describe($"{binary}:{place}", options.Cookie, options.ProcessId);
        return AttachTo(target, program =>
        {
            LinkRequest request = Needs(target);
            using UserBinary file = UserBinary.Open(request, binary);
            return UProbeLink.Open(request, program, file.Path, file.Find(request, place.Function) + place.Offset, IsReturn, options);
        });
    }

    /// <summary>Attaches to an instruction by its offset in the file.</summary>
    /// <param name="binary">The program's or library's path, or its bare name.</param>
    /// <param name="offset">The offset in the file, in bytes.</param>
    /// <param name="options">The options; null for the defaults.</param>
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

/// <summary>Options for attaching a program to a place in a user program or library.</summary>
public sealed record UProbeOptions
{
    /// <summary>The ID of the process whose calls count; null for all, including processes that start later.</summary>
    public int? ProcessId { get; init; }

    /// <summary>A number the program reads with <c>bpf_get_attach_cookie</c> (5.15).</summary>
    public ulong Cookie { get; init; }

    /// <summary>The offset in the file of a 16-bit counter that the kernel increments while the probe is attached (4.20), such as a static probe's semaphore; 0 for none.</summary>
    public ulong ReferenceCounterOffset { get; init; }

    /// <summary>The kernel mechanism that attaches the probe.</summary>
    public ProbeMethod Method { get; init; }
}
