using Hypermesh.Bpf.Hooks.TraceEvents;
using Hypermesh.Bpf.Hooks.UProbes;
using Hypermesh.Bpf.Hooks.Usdt;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf;

/// <summary>A program at a static probe that user programs and libraries declare (<c>usdt/FILE:PROVIDER:NAME</c>; sleepable <c>usdt.s</c>). The C includes <c>bpf/usdt.bpf.h</c>.</summary>
public sealed class BpfUsdtProgram : BpfProgram
{
    internal BpfUsdtProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Attaches where the section says, in all processes. Needs CAP_BPF and CAP_PERFMON; on kernels since July 2025 (6.16, 6.12.39, 6.6.99, 6.1.146, 5.15.189, 5.10.240) CAP_SYS_ADMIN, except for uprobe.multi.</summary>
    /// <returns>The link; the live object keeps it, so it may be dropped.</returns>
    /// <exception cref="BpfFeatureNotSupportedException">There is no such file, or no such probe in it, or the kernel does not support what the probe needs.</exception>
    /// <exception cref="BpfObjectFormatException">The file is not a 64-bit program or library, or is damaged.</exception>
    /// <exception cref="BpfException">The program is not loaded, or attached there already; its section names no probe; the program cannot read the locations of the probe's arguments.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfProgramLink Attach()
    {
        const string Example = "usdt/libc.so.6:libc:setjmp";
        return UserTarget.Parse(RequiredTarget(Example)) is { } file && UserTarget.Parse(file.Name) is { } probe
            ? Attach(file.Binary, probe.Binary, probe.Name)
            : throw new BpfException($"Program {Name}: section {SectionName} names no probe: write it like SEC(\"{Example}\").", Descriptor.ObjectName, Name);
    }

    /// <summary>Attaches to all places of a probe.</summary>
    /// <param name="binary">The program's or library's path, or its bare name, which is searched in the system's directories.</param>
    /// <param name="provider">The probe's provider.</param>
    /// <param name="name">The probe's name.</param>
    /// <param name="options">The options; null for the defaults.</param>
    /// <inheritdoc cref="Attach()"/>
    public BpfProgramLink Attach(string binary, string provider, string name, UsdtOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(binary);
        ArgumentException.ThrowIfNullOrEmpty(provider);
        ArgumentException.ThrowIfNullOrEmpty(name);
        options ??= new UsdtOptions();
        string target = ProbePlaces.Describe($"{binary}:{provider}:{name}", options.Cookie, options.ProcessId);
        return AttachTo(target, program =>
        {
            LinkRequest request = Request(target, Capabilities.Bpf | Capabilities.PerfMon);
            using UserBinary file = UserBinary.Open(request, binary);
            return UsdtLink.Open(request, program, Descriptor.AttachType, UsdtMaps.Of(request, Descriptor.ObjectMaps), file, provider, name, options);
        });
    }

    internal override BpfProgramLink? AutoAttach() => TargetName is null ? null : Attach();
}

/// <summary>Options for attaching a program to a static probe of a user program or library.</summary>
public sealed record UsdtOptions
{
    /// <summary>The process whose hits count; null for all. Before 5.15 it is required for a library or a position-independent program.</summary>
    public int? ProcessId { get; init; }

    /// <summary>A number the program reads with <c>bpf_usdt_cookie</c>.</summary>
    public ulong Cookie { get; init; }
}
