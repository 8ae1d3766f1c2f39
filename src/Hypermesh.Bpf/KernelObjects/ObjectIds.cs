using Hypermesh.Bpf.Errors;

namespace Hypermesh.Bpf.KernelObjects;

/// <summary>Lists and opens the kernel's programs, maps, BTF and links by ID (4.13; BTF 4.18, lists of BTF 5.4; links 5.8). All of it requires CAP_SYS_ADMIN.</summary>
internal sealed unsafe class ObjectIds(string kind, string needs, BpfCommand next, BpfCommand open)
{
    internal static ObjectIds Programs { get; } = new("program", "Linux 4.13", BpfCommand.ProgramGetNextId, BpfCommand.ProgramGetDescriptorById);

    internal static ObjectIds Maps { get; } = new("map", "Linux 4.13", BpfCommand.MapGetNextId, BpfCommand.MapGetDescriptorById);

    internal static ObjectIds Btf { get; } = new("BTF", "Linux 5.4", BpfCommand.BtfGetNextId, BpfCommand.BtfGetDescriptorById);

    internal static ObjectIds Links { get; } = new("link", "Linux 5.8", BpfCommand.LinkGetNextId, BpfCommand.LinkGetDescriptorById);

    /// <summary>Returns the result of <paramref name="read"/> for each object; an object that ends meanwhile is left out.</summary>
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

    /// <summary>The IDs of all objects, of which none is opened.</summary>
    internal IEnumerable<uint> Ids(IKernel kernel)
    {
        uint id = 0;
        while (TryNext(kernel, ref id))
        {
            yield return id;
        }
    }

    /// <summary>Opens each object; the caller disposes it. An object that ends meanwhile is left out.</summary>
    internal IEnumerable<BpfHandle> OpenAll(IKernel kernel)
    {
        foreach (uint id in Ids(kernel))
        {
            long descriptor = TryOpen(kernel, id);
            if (descriptor >= 0)
            {
                yield return new BpfHandle(kernel, descriptor);
            }
            else if (descriptor is not (-Errno.ENOENT or -Errno.EAGAIN))
            {
                // ENOENT: it ended meanwhile; EAGAIN: it is being created.
                throw Error(kernel, open, descriptor, $"Opening {kind} {id}");
            }
        }
    }

    /// <summary>Opens an object by its ID.</summary>
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

        // IDs ascend; otherwise the listing would not end.
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

    // The kernel does not support the command.
    private BpfSyscallException Error(IKernel kernel, BpfCommand command, long result, string what, string? objectName = null, string? program = null)
        => result == -Errno.EINVAL
            ? new BpfFeatureNotSupportedException($"Listing each {kind} by ID", needs, BpfCommandNames.Of(command), command, Errno.EINVAL)
            : KernelErrors.Of(kernel, command, result, what, Capabilities.SysAdmin, objectName, program);
}

/// <summary>The kind of object behind a descriptor of bpf(2). The call that opens a pin neither reports it nor lets the caller request it.</summary>
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

    /// <summary>Whether a descriptor is of this kind, according to /proc; true if that cannot be read.</summary>
    internal bool Is(BpfHandle handle) => DescriptorFacts.Read(handle) is not { } facts || facts.Contains(_fact, StringComparison.Ordinal);

    public override string ToString() => _name;
}
