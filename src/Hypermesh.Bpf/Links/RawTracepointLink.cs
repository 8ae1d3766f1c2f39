using System.Text;

namespace Hypermesh.Bpf;

/// <summary>BPF_RAW_TRACEPOINT_OPEN (4.17): by name for raw tracepoints; without one for programs loaded for a BTF type (tp_btf, fentry, fexit, lsm; 5.5).</summary>
internal static unsafe class RawTracepointLink
{
    internal static DescriptorLink Open(in LinkRequest request, int program, string? name)
    {
        byte[] bytes = name is null ? [0] : Encoding.UTF8.GetBytes(name + '\0');
        fixed (byte* start = bytes)
        {
            RawTracepointAttr attributes = default;
            attributes.ProgFd = (uint)program;
            attributes.Name = name is null ? 0 : (ulong)start;
            long result = request.Kernel.Bpf(BpfCommand.RawTracepointOpen, &attributes, (uint)sizeof(RawTracepointAttr));
            return result switch
            {
                >= 0 => new DescriptorLink(new BpfHandle(request.Kernel, result)),
                -Errno.ENOENT when name is not null => throw request.Absent(
                    $"Raw tracepoint {name}", "a kernel, or a loaded module, that has it", "BPF_RAW_TRACEPOINT_OPEN", Errno.ENOENT),
                _ => throw request.Error(BpfCommand.RawTracepointOpen, result),
            };
        }
    }
}
