using System.Text;

namespace Hypermesh.Bpf;

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
