using Hypermesh.Bpf.Errors;
using Hypermesh.Bpf.Maps;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf.Hooks.StructOps;

/// <summary>Registering an operations table: its value goes into the one element of its map, and a link of that map makes it live.</summary>
internal static unsafe class StructOpsCalls
{
    /// <summary>Registers.</summary>
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
            // Nothing else is wrong with a table and a program that is no function of one: the kernel knows no such command.
            throw result == -Errno.EINVAL && program.Type != BpfProgramType.StructOps
                ? new BpfFeatureNotSupportedException(
                    "A program that works for an operations table", "Linux 7.0", BpfCommandNames.Of(BpfCommand.ProgramAssocStructOps), BpfCommand.ProgramAssocStructOps, Errno.EINVAL, table.Map.ObjectName, program.Name)
                : Error(table, BpfCommand.ProgramAssocStructOps, result, $"Associating program {program.Name} with");
        }
    }

    /// <summary>Takes a table without link out. What the kernel answers does not matter: it is what is gone already, or will be with the map.</summary>
    internal static void Unregister(BpfMapHandle map)
    {
        uint key = 0;
        MapCalls.Delete(map, &key);
    }

    // A table with a link keeps its value for good: EBUSY says that it has it.
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
