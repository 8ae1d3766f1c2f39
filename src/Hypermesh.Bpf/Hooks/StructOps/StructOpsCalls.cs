using Hypermesh.Bpf.Errors;
using Hypermesh.Bpf.Maps;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf.Hooks.StructOps;

/// <summary>Registers a struct_ops map: writes its value into its one element, and creates a link that activates it.</summary>
internal static unsafe class StructOpsCalls
{
    /// <summary>Registers a struct_ops map.</summary>
    /// <returns>What keeps it registered.</returns>
    internal static LinkResource Register(BpfStructOps table, ReadOnlySpan<byte> value)
    {
        Write(table, value);
        if (!table.IsLink)
        {
            return new RegisteredTable(table.Map);
        }

        using HandleUse map = table.Map.Use();
        LinkCreateAttr attributes = default;
        attributes.MapFd = (uint)map.Descriptor;
        attributes.AttachType = (uint)BpfAttachType.StructOps;
        long result = BpfCalls.CreateLink(table.Map.Kernel, ref attributes);
        return result >= 0 ? new DescriptorLink(new BpfHandle(table.Map.Kernel, result)) : throw Error(table, BpfCommand.LinkCreate, result, "Registering");
    }

    internal static void Update(BpfHandle link, BpfStructOps table)
    {
        Write(table, table.Value);
        using HandleUse use = link.Use();
        using HandleUse map = table.Map.Use();
        LinkUpdateAttr attributes = default;
        attributes.LinkFd = (uint)use.Descriptor;
        attributes.NewMapFd = (uint)map.Descriptor;
        long result = table.Map.Kernel.Bpf(BpfCommand.LinkUpdate, &attributes, (uint)sizeof(LinkUpdateAttr));
        if (result < 0)
        {
            throw Error(table, BpfCommand.LinkUpdate, result, "Updating a link to");
        }
    }

    internal static void Associate(BpfStructOps table, BpfProgram program)
    {
        using HandleUse map = table.Map.Use();
        using HandleUse use = program.Loaded.Use();
        ProgramAssociateAttr attributes = default;
        attributes.MapFd = (uint)map.Descriptor;
        attributes.ProgFd = (uint)use.Descriptor;
        long result = table.Map.Kernel.Bpf(BpfCommand.ProgramAssocStructOps, &attributes, (uint)sizeof(ProgramAssociateAttr));
        if (result < 0)
        {
            // If the program is not a struct_ops program, EINVAL means that the kernel does not support the command.
            throw result == -Errno.EINVAL && program.Type != BpfProgramType.StructOps
                ? new BpfFeatureNotSupportedException(
                    "Associating a program with a struct_ops map", "Linux 7.0", BpfCommandNames.Of(BpfCommand.ProgramAssocStructOps), BpfCommand.ProgramAssocStructOps, Errno.EINVAL, table.Map.ObjectName, program.Name)
                : Error(table, BpfCommand.ProgramAssocStructOps, result, $"Associating program {program.Name} with");
        }
    }

    /// <summary>Unregisters a struct_ops map without a link. The result is ignored: it is already unregistered, or will be when the map is closed.</summary>
    internal static void Unregister(BpfMapHandle map)
    {
        uint key = 0;
        MapCalls.Delete(map, &key);
    }

    // A struct_ops map with a link keeps its value permanently: EBUSY means that it has one.
    private static void Write(BpfStructOps table, ReadOnlySpan<byte> value)
    {
        uint key = 0;
        fixed (byte* start = value)
        {
            long result = MapCalls.Update(table.Map, &key, start, UpdateMode.Any);
            if (result < 0 && !(table.IsLink && result == -Errno.EBUSY))
            {
                throw Error(table, BpfCommand.MapUpdateElement, result, "Registering");
            }
        }
    }

    private static BpfSyscallException Error(BpfStructOps table, BpfCommand command, long result, string what)
        => KernelErrors.Of(table.Map.Kernel, command, result, $"{what} {table}", Capabilities.Bpf, table.Map.ObjectName, table.Name);
}

/// <summary>A struct_ops map that is registered without a link: deleting its one element unregisters it.</summary>
internal sealed class RegisteredTable(BpfMapHandle map) : LinkResource
{
    public override void Dispose() => StructOpsCalls.Unregister(map);
}
