using Hypermesh.Bpf.Interop;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Linking;

namespace Hypermesh.Bpf.Loading;

/// <summary>Creates the maps of an object, and one array map for each section of globals.</summary>
internal sealed class MapLoader(IKernel kernel, BpfObjectSpec spec, BpfHandle? btf, BpfToken? token)
{
    // The kinds whose keys and values the kernel wants no types for (libbpf clears the same).
    private static readonly HashSet<BpfMapType> s_untyped =
    [
        BpfMapType.PerfEventArray, BpfMapType.CGroupArray, BpfMapType.StackTrace, BpfMapType.ArrayOfMaps, BpfMapType.HashOfMaps,
        BpfMapType.DevMap, BpfMapType.DevMapHash, BpfMapType.CpuMap, BpfMapType.XskMap, BpfMapType.SockMap, BpfMapType.SockHash,
        BpfMapType.Queue, BpfMapType.Stack, BpfMapType.Arena,
    ];

    /// <summary>Creates a map, or only describes it where the spec leaves it out.</summary>
    internal BpfMapDescriptor Create(MapSpec map)
    {
        BpfMapDefinition definition = Define(map);
        if (!map.Enabled)
        {
            return new BpfMapDescriptor(kernel, definition, handle: null, spec.Name);
        }

        if (map.HasInitialValues)
        {
            throw new BpfException($"Map {map.Name} in {spec.Name} has initial values, which this version does not put in; fill it after the load.", spec.Name, map.Name);
        }

        if (map.IsPinnedByName)
        {
            throw new BpfException($"Map {map.Name} in {spec.Name} asks to be pinned by name, which this version does not do; leave out __uint(pinning, …).", spec.Name, map.Name);
        }

        using BpfMapDescriptor? inner = map.InnerMap is { } pattern ? MapCreator.Create(kernel, Define(pattern), spec.Name) : null;
        return MapCreator.Create(kernel, definition with { InnerMap = inner }, spec.Name);
    }

    /// <summary>Creates a section's map and fills it. Constants are frozen, so that the verifier may rely on them.</summary>
    internal BpfMapDescriptor Create(DataSectionSpec section)
    {
        MapFlags flags = MapFlags.Mappable | (section.IsReadOnly ? MapFlags.ReadOnlyForPrograms : MapFlags.None);
        var definition = new BpfMapDefinition(KernelName.OfSection(spec.Name, section.Name), BpfMapType.Array, sizeof(uint), (uint)section.Size, 1, (uint)flags)
        {
            Btf = section.TypeId != 0 ? btf : null,
            Token = token?.Permission,
            ValueTypeId = section.TypeId,
        };
        BpfMapDescriptor map = MapCreator.Create(kernel, definition, spec.Name);
        try
        {
            BpfGlobalSection.WriteImage(map, section.Image);
            if (section.IsReadOnly)
            {
                map.Freeze();
            }

            return map;
        }
        catch
        {
            map.Dispose();
            throw;
        }
    }

    private BpfMapDefinition Define(MapSpec map)
    {
        bool typed = btf is not null && !s_untyped.Contains(map.Type) && (map.KeyTypeId | map.ValueTypeId) != 0;
        return new BpfMapDefinition(map.Name, map.Type, map.KeySize, map.ValueSize, map.MaxEntries, map.Flags)
        {
            NumaNode = map.NumaNode == 0 && (map.Flags & (uint)MapFlags.NumaNode) == 0 ? null : map.NumaNode,
            Extra = map.MapExtra,
            Token = token?.Permission,
            Btf = typed ? btf : null,
            KeyTypeId = typed ? map.KeyTypeId : 0,
            ValueTypeId = typed ? map.ValueTypeId : 0,
        };
    }
}
