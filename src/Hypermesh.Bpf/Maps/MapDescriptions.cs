using Hypermesh.Bpf.Errors;
using Hypermesh.Bpf.KernelObjects;

namespace Hypermesh.Bpf.Maps;

/// <summary>Describes a map that was not created here, by the kernel's information, and compares it with a definition.</summary>
internal static unsafe class MapDescriptions
{
    private const int NameSize = 16;

    /// <summary>Takes ownership of a descriptor and describes the map by the kernel's information; on failure the descriptor is closed.</summary>
    /// <param name="handle">The descriptor.</param>
    /// <param name="name">The name to use; null for the kernel's, which is cut to 15 bytes.</param>
    /// <param name="objectName">The object it belongs to.</param>
    /// <param name="what">What the message calls it if it is not a map.</param>
    internal static BpfMapHandle Describe(BpfHandle handle, string? name, string? objectName, string what)
    {
        try
        {
            return new BpfMapHandle(handle.Kernel, Read(handle, name, what), handle, objectName);
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    /// <summary>Opens a map by its ID. Needs CAP_SYS_ADMIN.</summary>
    internal static BpfHandle OpenById(BpfMapHandle asker, uint id)
    {
        ObjectIdAttr attributes = default;
        attributes.MapId = id;
        long result = asker.Kernel.Bpf(BpfCommand.MapGetDescriptorById, &attributes, (uint)sizeof(ObjectIdAttr));
        return result >= 0
            ? new BpfHandle(asker.Kernel, result)
            : throw KernelErrors.Of(
                asker.Kernel, BpfCommand.MapGetDescriptorById, result, $"Opening map {id}, which {asker.Name} holds", Capabilities.SysAdmin, asker.ObjectName, asker.Name);
    }

    internal static BpfMapDefinition Read(BpfHandle handle, string? name, string what)
    {
        if (!ObjectKind.Map.Is(handle))
        {
            throw new BpfException($"{what} is not a map.");
        }

        RawMapInfo info = ObjectInfo.Map(handle);
        int length = new ReadOnlySpan<byte>(info.Name, NameSize).IndexOf((byte)0);
        name ??= System.Text.Encoding.ASCII.GetString(info.Name, length < 0 ? NameSize : length);
        // The kernel creates no map with a key or value of more than INT_MAX bytes.
        return new BpfMapDefinition(name, (BpfMapType)info.Type, (int)info.KeySize, (int)info.ValueSize, info.MaxEntries, (BpfMapFlags)info.MapFlags)
        {
            Extra = info.MapExtra,

            // The types are not read, so any field is possible.
            HasKernelFields = info.BtfValueTypeId != 0,
        };
    }

    /// <summary>Returns how a map differs from a definition, as the rest of a sentence; null if it does not.</summary>
    internal static string? Difference(BpfMapDefinition wanted, BpfMapDefinition found, bool shapeOnly = false)
    {
        var differences = new List<string>();
        Compare("type", wanted.Type, found.Type);
        Compare("key size", wanted.KeySize, found.KeySize);
        Compare("value size", wanted.ValueSize, found.ValueSize);
        if (!shapeOnly)
        {
            Compare("max_entries", wanted.MaxEntries, found.MaxEntries);
            Compare("flags", Flags(wanted), Flags(found));
            Compare("map_extra", wanted.Extra, found.Extra);
        }

        return differences.Count == 0 ? null : string.Join(", ", differences);

        void Compare<T>(string part, T want, T have)
        {
            if (!EqualityComparer<T>.Default.Equals(want, have))
            {
                differences.Add($"{part} {have} instead of {want}");
            }
        }
    }

    // Flags for memory placement, permission and descriptor access do not matter for the comparison; for device maps the kernel reports a flag that was not requested.
    private static string Flags(BpfMapDefinition map)
    {
        BpfMapFlags flags = map.Flags & ~(BpfMapFlags.NumaNode | BpfMapFlags.Token | BpfMapFlags.ReadOnly | BpfMapFlags.WriteOnly);
        return $"0x{(uint)(map.Type is BpfMapType.DevMap or BpfMapType.DevMapHash ? flags & ~BpfMapFlags.ReadOnlyForPrograms : flags):x}";
    }
}
