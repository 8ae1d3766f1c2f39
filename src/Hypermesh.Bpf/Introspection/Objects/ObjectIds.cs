namespace Hypermesh.Bpf;

/// <summary>Going through the kernel's programs, maps and BTF by number (4.13; BTF 4.18, lists of BTF 5.4). All of it takes CAP_SYS_ADMIN.</summary>
internal sealed unsafe class ObjectIds(string kind, BpfCommand next, BpfCommand open)
{
    internal static ObjectIds Programs { get; } = new("program", BpfCommand.ProgramGetNextId, BpfCommand.ProgramGetDescriptorById);

    internal static ObjectIds Maps { get; } = new("map", BpfCommand.MapGetNextId, BpfCommand.MapGetDescriptorById);

    internal static ObjectIds Btf { get; } = new("BTF", BpfCommand.BtfGetNextId, BpfCommand.BtfGetDescriptorById);

    /// <summary>What <paramref name="read"/> makes of each that is there; one that ends meanwhile is left out.</summary>
    internal List<T> List<T>(IKernel kernel, Func<BpfHandle, T> read)
    {
        var all = new List<T>();
        uint id = 0;
        while (TryNext(kernel, ref id))
        {
            long descriptor = TryOpen(kernel, id);
            if (descriptor >= 0)
            {
                using var handle = new BpfHandle(kernel, descriptor);
                all.Add(read(handle));
            }
            else if (descriptor is not (-Errno.ENOENT or -Errno.EAGAIN))
            {
                throw Error(kernel, open, descriptor, $"Opening {kind} {id}");
            }
        }

        return all;
    }

    internal BpfHandle Open(IKernel kernel, uint id)
    {
        long descriptor = TryOpen(kernel, id);
        return descriptor switch
        {
            >= 0 => new BpfHandle(kernel, descriptor),
            -Errno.ENOENT => throw new BpfSyscallException($"There is no {kind} {id}.", BpfCommandNames.Of(open), open, Errno.ENOENT),
            _ => throw Error(kernel, open, descriptor, $"Opening {kind} {id}"),
        };
    }

    private bool TryNext(IKernel kernel, ref uint id)
    {
        ObjectIdAttr attributes = default;
        attributes.StartId = id;
        long result = kernel.Bpf(next, &attributes, (uint)sizeof(ObjectIdAttr));
        id = attributes.NextId;
        return result >= 0 || (result == -Errno.ENOENT ? false : throw Error(kernel, next, result, $"Listing each {kind}"));
    }

    private long TryOpen(IKernel kernel, uint id)
    {
        ObjectIdAttr attributes = default;
        attributes.ProgId = id;
        return kernel.Bpf(open, &attributes, (uint)sizeof(ObjectIdAttr));
    }

    private static BpfSyscallException Error(IKernel kernel, BpfCommand command, long result, string what)
        => KernelErrors.Of(kernel, command, result, what, Capabilities.SysAdmin);
}
