using Hypermesh.Bpf.Errors;

namespace Hypermesh.Bpf.KernelObjects;

/// <summary>Going through the kernel's programs, maps, BTF and links by number (4.13; BTF 4.18, lists of BTF 5.4; links 5.8). All of it takes CAP_SYS_ADMIN.</summary>
internal sealed unsafe class ObjectIds(string kind, string needs, BpfCommand next, BpfCommand open)
{
    internal static ObjectIds Programs { get; } = new("program", "Linux 4.13", BpfCommand.ProgramGetNextId, BpfCommand.ProgramGetDescriptorById);

    internal static ObjectIds Maps { get; } = new("map", "Linux 4.13", BpfCommand.MapGetNextId, BpfCommand.MapGetDescriptorById);

    internal static ObjectIds Btf { get; } = new("BTF", "Linux 5.4", BpfCommand.BtfGetNextId, BpfCommand.BtfGetDescriptorById);

    internal static ObjectIds Links { get; } = new("link", "Linux 5.8", BpfCommand.LinkGetNextId, BpfCommand.LinkGetDescriptorById);

    /// <summary>What <paramref name="read"/> makes of each that is there; one that ends meanwhile is left out.</summary>
    internal List<T> List<T>(IKernel kernel, Func<BpfHandle, T> read)
    {
        var all = new List<T>();
        foreach (BpfHandle handle in OpenAll(kernel))
        {
            using (handle)
            {
                all.Add(read(handle));
            }
        }

        return all;
    }

    /// <summary>Opens each that is there; the caller disposes it. One that ends meanwhile is left out.</summary>
    internal IEnumerable<BpfHandle> OpenAll(IKernel kernel)
    {
        uint id = 0;
        while (TryNext(kernel, ref id))
        {
            long descriptor = TryOpen(kernel, id);
            if (descriptor >= 0)
            {
                yield return new BpfHandle(kernel, descriptor);
            }
            else if (descriptor is not (-Errno.ENOENT or -Errno.EAGAIN))
            {
                // ENOENT: it ended meanwhile; EAGAIN: it is being made.
                throw Error(kernel, open, descriptor, $"Opening {kind} {id}");
            }
        }
    }

    /// <summary>Opens one.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="id">The ID.</param>
    /// <param name="objectName">The object of the program it belongs to, for messages.</param>
    /// <param name="program">That program.</param>
    internal BpfHandle Open(IKernel kernel, uint id, string? objectName = null, string? program = null)
    {
        long descriptor = TryOpen(kernel, id);
        string what = program is null ? $"{kind} {id}" : $"{kind} {id} of program {program}";
        return descriptor switch
        {
            >= 0 => new BpfHandle(kernel, descriptor),
            -Errno.ENOENT => throw new BpfSyscallException($"There is no {what}.", BpfCommandNames.Of(open), open, Errno.ENOENT, objectName, program),
            _ => throw Error(kernel, open, descriptor, "Opening " + what, objectName, program),
        };
    }

    private bool TryNext(IKernel kernel, ref uint id)
    {
        ObjectIdAttr attributes = default;
        attributes.StartId = id;
        long result = kernel.Bpf(next, &attributes, (uint)sizeof(ObjectIdAttr));
        if (result < 0)
        {
            return result == -Errno.ENOENT ? false : throw Error(kernel, next, result, $"Listing each {kind}");
        }

        // IDs ascend; what does not would be listed without end.
        bool isNext = attributes.NextId > id;
        id = attributes.NextId;
        return isNext;
    }

    private long TryOpen(IKernel kernel, uint id)
    {
        ObjectIdAttr attributes = default;
        attributes.ProgId = id;
        return kernel.Bpf(open, &attributes, (uint)sizeof(ObjectIdAttr));
    }

    // The command itself is not known.
    private BpfSyscallException Error(IKernel kernel, BpfCommand command, long result, string what, string? objectName = null, string? program = null)
        => result == -Errno.EINVAL
            ? new BpfFeatureNotSupportedException($"Finding each {kind} by number", needs, BpfCommandNames.Of(command), command, Errno.EINVAL)
            : KernelErrors.Of(kernel, command, result, what, Capabilities.SysAdmin, objectName, program);
}

/// <summary>What a descriptor of bpf(2) stands for. The call that opens a pin does not say, and takes no wish.</summary>
internal sealed class ObjectKind
{
    internal static readonly ObjectKind Program = new("program", "prog");
    internal static readonly ObjectKind Map = new("map", "map");
    internal static readonly ObjectKind Link = new("link", "link");

    private readonly string _name;
    private readonly string _fact;

    private ObjectKind(string name, string prefix)
    {
        _name = name;
        _fact = $"\n{prefix}_type:";
    }

    /// <summary>Whether a descriptor is one of these, by what /proc says of it; where that cannot be read, nothing speaks against it.</summary>
    internal bool Is(BpfHandle handle) => DescriptorFacts.Read(handle) is not { } facts || facts.Contains(_fact, StringComparison.Ordinal);

    public override string ToString() => _name;
}
