using Hypermesh.Bpf.Errors;
using Hypermesh.Bpf.KernelObjects;

namespace Hypermesh.Bpf.Maps;

/// <summary>What the kernel says of a map that was not made here, and how it differs from what is wanted.</summary>
internal static unsafe class MapDescriptions
{
    private const int NameSize = 16;

    /// <summary>Takes a descriptor over and describes the map by the kernel's own information; on failure the descriptor is closed.</summary>
    /// <param name="handle">The descriptor.</param>
    /// <param name="name">The name it is to go by; the kernel's own, cut to 15 bytes, when null.</param>
    /// <param name="objectName">The object it belongs to.</param>
    /// <param name="what">What it is called when it turns out to be no map.</param>
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

    /// <summary>A descriptor of the map of a number. Needs CAP_SYS_ADMIN.</summary>
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
            throw new BpfException($"{what} is no map.");
        }

        RawMapInfo info = ObjectInfo.Map(handle);
        int length = new ReadOnlySpan<byte>(info.Name, NameSize).IndexOf((byte)0);
        name ??= System.Text.Encoding.ASCII.GetString(info.Name, length < 0 ? NameSize : length);
        return new BpfMapDefinition(name, (BpfMapType)info.Type, info.KeySize, info.ValueSize, info.MaxEntries, (BpfMapFlags)info.MapFlags)
        {
            Extra = info.MapExtra,

            // The types are not read, so any field is possible.
            HasKernelFields = info.BtfValueTypeId != 0,
        };
    }

    /// <summary>How a map differs from what is wanted, as the rest of a sentence; null when it does not.</summary>
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

    // How memory is placed, who gave permission and what a descriptor may do make no other map; of device maps the kernel says a flag nobody asked for.
    private static string Flags(BpfMapDefinition map)
    {
        BpfMapFlags flags = map.Flags & ~(BpfMapFlags.NumaNode | BpfMapFlags.Token | BpfMapFlags.ReadOnly | BpfMapFlags.WriteOnly);
        return $"0x{(uint)(map.Type is BpfMapType.DevMap or BpfMapType.DevMapHash ? flags & ~BpfMapFlags.ReadOnlyForPrograms : flags):x}";
    }
}
