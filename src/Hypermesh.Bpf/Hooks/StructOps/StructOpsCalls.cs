using Hypermesh.Bpf.Errors;
using Hypermesh.Bpf.Maps;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf.Hooks.StructOps;

/// <summary>Registers a struct_ops map: writes its value into its one element, and creates a link that activates it.</summary>
internal static unsafe class StructOpsCalls
{
    /// <summary>Registers a struct_ops map.</summary>
    /// <returns>What keeps it registered.</returns>
    internal static LinkResource Register(BpfStructOps structOps, ReadOnlySpan<byte> value)
    {
        Write(structOps, value);
        if (!structOps.IsLink)
        {
            return new RegisteredStructOps(structOps.Map);
        }

        using HandleUse map = structOps.Map.Use();
        LinkCreateAttr attributes = default;
        attributes.MapFd = (uint)map.Descriptor;
        attributes.AttachType = (uint)BpfAttachType.StructOps;
        long result = BpfCalls.CreateLink(structOps.Map.Kernel, ref attributes);
        return result >= 0 ? new DescriptorLink(new BpfHandle(structOps.Map.Kernel, result)) : throw Error(structOps, BpfCommand.LinkCreate, result, "Registering");
    }

    internal static void Update(BpfHandle link, BpfStructOps structOps)
    {
        Write(structOps, structOps.Value);
        using HandleUse use = link.Use();
        using HandleUse map = structOps.Map.Use();
        LinkUpdateAttr attributes = default;
        attributes.LinkFd = (uint)use.Descriptor;
        attributes.NewMapFd = (uint)map.Descriptor;
        long result = structOps.Map.Kernel.Bpf(BpfCommand.LinkUpdate, &attributes, (uint)sizeof(LinkUpdateAttr));
        if (result < 0)
        {
            throw Error(structOps, BpfCommand.LinkUpdate, result, "Updating a link to");
        }
    }

    internal static void Associate(BpfStructOps structOps, BpfProgram program)
    {
        using HandleUse map = structOps.Map.Use();
        using HandleUse use = program.Loaded.Use();
        ProgramAssociateAttr attributes = default;
        attributes.MapFd = (uint)map.Descriptor;
        attributes.ProgFd = (uint)use.Descriptor;
        long result = structOps.Map.Kernel.Bpf(BpfCommand.ProgramAssocStructOps, &attributes, (uint)sizeof(ProgramAssociateAttr));
        if (result < 0)
        {
            // If the program is not a struct_ops program, EINVAL means that the kernel does not support the command.
            throw result == -Errno.EINVAL && program.Type != BpfProgramType.StructOps
                ? new BpfFeatureNotSupportedException(
                    "Associating a program with a struct_ops map", "Linux 7.0", BpfCommandNames.Of(BpfCommand.ProgramAssocStructOps), BpfCommand.ProgramAssocStructOps, Errno.EINVAL, structOps.Map.ObjectName, program.Name)
                : Error(structOps, BpfCommand.ProgramAssocStructOps, result, $"Associating program {program.Name} with");
        }
    }

    /// <summary>Unregisters a struct_ops map without a link. The result is ignored: it is already unregistered, or will be when the map is closed.</summary>
    internal static void Unregister(BpfMapHandle map)
    {
        uint key = 0;
        MapCalls.Delete(map, &key);
    }

    // A struct_ops map with a link keeps its value permanently: EBUSY means that it has one.
    private static void Write(BpfStructOps structOps, ReadOnlySpan<byte> value)
    {
        uint key = 0;
        fixed (byte* start = value)
        {
            long result = MapCalls.Update(structOps.Map, &key, start, UpdateMode.Any);
            if (result < 0 && !(structOps.IsLink && result == -Errno.EBUSY))
            {
                throw Error(structOps, BpfCommand.MapUpdateElement, result, "Registering");
            }
        }
    }

    private static BpfSyscallException Error(BpfStructOps structOps, BpfCommand command, long result, string what)
        => KernelErrors.Of(
            structOps.Map.Kernel, command, result, $"{what} {structOps}", Capabilities.Bpf, structOps.Map.ObjectName, structOps.Name,
            command == BpfCommand.ProgramAssocStructOps ? null : Reason(structOps, (int)-result));

    private static string? Reason(BpfStructOps structOps, int errno) => errno switch
    {
        Errno.EINVAL when StructOpsNeeds.Lacking(structOps.TypeName, structOps.Set) is { } lacking => lacking,
        Errno.EBUSY when !structOps.IsLink => "The kernel registers such a map once: declare it in SEC(\".struct_ops.link\") (6.4), which can be registered again, or load the object again.",
        _ => KernelReasons.OfMap(BpfCommand.MapUpdateElement, BpfMapType.StructOps, errno),
    };
}

/// <summary>A struct_ops map that is registered without a link: deleting its one element unregisters it.</summary>
internal sealed class RegisteredStructOps(BpfMapHandle map) : LinkResource
{
    public override void Dispose() => StructOpsCalls.Unregister(map);
}
