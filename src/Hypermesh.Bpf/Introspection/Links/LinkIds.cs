namespace Hypermesh.Bpf;

/// <summary>BPF_LINK_GET_NEXT_ID and BPF_LINK_GET_FD_BY_ID (5.8).</summary>
internal static unsafe class LinkIds
{
    internal static List<BpfLinkInfo> List(IKernel kernel)
    {
        var links = new List<BpfLinkInfo>();
        uint id = 0;
        while (TryNext(kernel, ref id))
        {
            long descriptor = TryOpen(kernel, id);
            if (descriptor >= 0)
            {
                using var link = new BpfHandle(kernel, descriptor);
                links.Add(LinkInfoReader.Read(link));
            }
            else if (descriptor is not (-Errno.ENOENT or -Errno.EAGAIN))
            {
                // ENOENT: it ended meanwhile; EAGAIN: it is being made.
                throw Error(kernel, BpfCommand.LinkGetDescriptorById, descriptor, $"Opening link {id}");
            }
        }

        return links;
    }

    internal static BpfHandle Open(IKernel kernel, uint id)
    {
        long descriptor = TryOpen(kernel, id);
        return descriptor >= 0
            ? new BpfHandle(kernel, descriptor)
            : throw Error(kernel, BpfCommand.LinkGetDescriptorById, descriptor, $"Opening link {id}");
    }

    private static bool TryNext(IKernel kernel, ref uint id)
    {
        ObjectIdAttr attributes = default;
        attributes.StartId = id;
        long result = kernel.Bpf(BpfCommand.LinkGetNextId, &attributes, (uint)sizeof(ObjectIdAttr));
        id = attributes.NextId;
        return result >= 0 || (result == -Errno.ENOENT ? false : throw Error(kernel, BpfCommand.LinkGetNextId, result, "Listing the links"));
    }

    private static long TryOpen(IKernel kernel, uint id)
    {
        ObjectIdAttr attributes = default;
        attributes.LinkId = id;
        return kernel.Bpf(BpfCommand.LinkGetDescriptorById, &attributes, (uint)sizeof(ObjectIdAttr));
    }

    private static BpfSyscallException Error(IKernel kernel, BpfCommand command, long result, string what)
        => result == -Errno.EINVAL
            ? new BpfFeatureNotSupportedException("Listing links", "Linux 5.8", BpfCommandNames.Of(command), command, Errno.EINVAL)
            : KernelErrors.Of(kernel, command, result, what, Capabilities.SysAdmin);
}
