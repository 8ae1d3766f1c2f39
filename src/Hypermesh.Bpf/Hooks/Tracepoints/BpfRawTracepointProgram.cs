using System.Text;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf;

/// <summary>A program on a raw tracepoint (<c>raw_tp</c>, 4.17): it gets the arguments as the kernel passes them, untyped. As <c>raw_tp.w</c> (5.2) it can write to arguments that the tracepoint declares writable.</summary>
public sealed class BpfRawTracepointProgram : BpfProgram, IBpfContextTest
{
    internal BpfRawTracepointProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Attaches where the section says. Needs CAP_BPF and CAP_PERFMON.</summary>
    /// <param name="cookie">A number the program reads by <c>bpf_get_attach_cookie</c> (6.10); 0 for none.</param>
    /// <returns>The link; the live object keeps it, so it may be dropped.</returns>
    /// <exception cref="BpfException">The program is not loaded, or attached there already.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfProgramLink Attach(ulong cookie = 0)
    {
        string target = RequiredTarget("raw_tp/sched_switch");
        return AttachTo(target, program => RawTracepointLink.Open(Request(target, Capabilities.Bpf | Capabilities.PerfMon), program, target, cookie));
    }

    internal override BpfProgramLink? AutoAttach() => TargetName is null ? null : Attach();
}

/// <summary>BPF_RAW_TRACEPOINT_OPEN (4.17): by name for raw tracepoints; without one for programs loaded for a BTF type (tp_btf, fentry, fexit, lsm; 5.5).</summary>
internal static unsafe class RawTracepointLink
{
    internal static DescriptorLink Open(in LinkRequest request, int program, string? name, ulong cookie = 0)
    {
        byte[] bytes = name is null ? [0] : Encoding.UTF8.GetBytes(name + '\0');
        fixed (byte* start = bytes)
        {
            RawTracepointAttr attributes = default;
            attributes.ProgFd = (uint)program;
            attributes.Name = name is null ? 0 : (ulong)start;
            attributes.Cookie = cookie;
            long result = request.Kernel.Bpf(BpfCommand.RawTracepointOpen, &attributes, (uint)sizeof(RawTracepointAttr));
            return result switch
            {
                >= 0 => new DescriptorLink(new BpfHandle(request.Kernel, result)),
                -Errno.ENOENT when name is not null => throw request.Absent(
                    $"Raw tracepoint {name}", "a kernel, or a loaded module, that has it", "BPF_RAW_TRACEPOINT_OPEN", Errno.ENOENT),
                -Errno.EINVAL or -Errno.E2BIG when cookie != 0 => throw request.Absent("A cookie of a raw tracepoint", "Linux 6.10", "BPF_RAW_TRACEPOINT_OPEN", (int)-result),
                _ => throw request.Error(BpfCommand.RawTracepointOpen, result),
            };
        }
    }
}
