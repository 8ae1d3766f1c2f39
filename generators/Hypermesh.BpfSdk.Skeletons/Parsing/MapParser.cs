using Hypermesh.Bpf;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.BpfSdk.Skeletons.Diagnostics;
using Hypermesh.BpfSdk.Skeletons.Model;
using Hypermesh.BpfSdk.Skeletons.Naming;
using Hypermesh.BpfSdk.Skeletons.Sources;

namespace Hypermesh.BpfSdk.Skeletons.Parsing;

/// <summary>Creates the models of an object's maps.</summary>
internal sealed class MapParser(BtfTypes types, TypeResolver resolver, EventTypes events, Findings findings)
{
    // hm_reserve of the SDK's header counts in a map with this name; it belongs to the ring and is not public.
    private const string DropCounterSuffix = "__dropped";

    private const string Library = "global::Hypermesh.Bpf.";

    public List<MapModel> Parse(IReadOnlyList<BpfMapSpec> maps)
    {
        Dictionary<string, BpfMapSpec> counters = FindDropCounters(maps);
        var scope = new NameScope("the maps", "Map", ReservedNames.OfObject.Append("MapSet"), findings);
        var models = new List<MapModel>();
        foreach (BpfMapSpec map in maps)
        {
            if (!counters.ContainsValue(map) && scope.TryClaim("map", map.Name, out string name))
            {
                string? counter = counters.TryGetValue(map.Name, out BpfMapSpec? found) ? found.Name : null;
                if (map.Type == BpfMapType.RingBuf && counter is null)
                {
                    findings.Add(DiagnosticIds.UncountedRing, map.Name, 0, map.Name);
                }

                string type = TypeOf(map, counter);
                models.Add(new MapModel(map.Name, name, type, Describe(map), counter, ArgumentOf(map)));
            }
        }

        return models;
    }

    private static Dictionary<string, BpfMapSpec> FindDropCounters(IReadOnlyList<BpfMapSpec> maps)
    {
        var rings = new HashSet<string>(maps.Where(map => map.Type == BpfMapType.RingBuf).Select(map => map.Name), StringComparer.Ordinal);
        var counters = new Dictionary<string, BpfMapSpec>(StringComparer.Ordinal);
        foreach (BpfMapSpec map in maps)
        {
            if (map.Type == BpfMapType.PerCpuArray && map.Name.EndsWith(DropCounterSuffix, StringComparison.Ordinal))
            {
                string ring = map.Name.Substring(0, map.Name.Length - DropCounterSuffix.Length);
                if (rings.Contains(ring))
                {
                    counters[ring] = map;
                }
            }
        }

        return counters;
    }

    private string TypeOf(BpfMapSpec map, string? counter)
    {
        MapClass row = HasSizes(map) ? MapClasses.Find(map.Type) : MapClasses.Untyped;
        string name = counter is null ? row.Name : "BpfCountedRingBuffer";
        try
        {
            return Library + row.Arguments switch
            {
                MapArguments.Value => $"{name}<{Resolve(map.ValueTypeId, map.ValueSize)}>",
                MapArguments.Key => $"{name}<{Resolve(map.KeyTypeId, map.KeySize)}>",
                MapArguments.KeyAndValue => $"{name}<{Resolve(map.KeyTypeId, map.KeySize)}, {Resolve(map.ValueTypeId, map.ValueSize)}>",
                MapArguments.Event when events.Of(map) is > 0 and int type => $"{name}<{resolver.Resolve(type).Type}>",
                MapArguments.Inner => $"{name}<{InnerTypeOf(map)}>",
                MapArguments.KeyAndInner => $"{name}<{Resolve(map.KeyTypeId, map.KeySize)}, {InnerTypeOf(map)}>",
                _ => name,
            };
        }
        catch (UnsupportedTypeException exception)
        {
            findings.Add(DiagnosticIds.UnsupportedType, map.Name, 0, "the type of map", map.Name, exception.Message);
            return Library + MapClasses.Untyped.Name;
        }
    }

    // A map without sizes gets them before the load, so it has no generic class.
    private static bool HasSizes(BpfMapSpec map) => MapClasses.Find(map.Type).Arguments switch
    {
        MapArguments.KeyAndValue => map.KeySize > 0 && map.ValueSize > 0,
        MapArguments.Value => map.ValueSize > 0,
        MapArguments.Key or MapArguments.KeyAndInner => map.KeySize > 0,
        _ => true,
    };

    // Without a definition in C the inner maps are created elsewhere, and only their descriptors are known.
    private string InnerTypeOf(BpfMapSpec map) => map.InnerMap is null ? Library + MapClasses.Untyped.Name : TypeOf(map.InnerMap, counter: null);

    private string? ArgumentOf(BpfMapSpec map) => MapClasses.Find(map.Type).Arguments switch
    {
        _ when !HasSizes(map) => null,
        MapArguments.Event when SizeOf(map) is { } sizeOf => sizeOf,
        MapArguments.Inner or MapArguments.KeyAndInner => $"static inner => new {InnerTypeOf(map)}({InnerArgument(map)})",
        _ => null,
    };

    private string InnerArgument(BpfMapSpec map) => map.InnerMap is { } inner && ArgumentOf(inner) is { } argument ? $"inner, {argument}" : "inner";

    // Records of several kinds are as long as their kind, and no program reads them.
    private string? SizeOf(BpfMapSpec map)
        => map.Type != BpfMapType.UserRingBuf && events.Of(map) is > 0 and int id && events.IsUnion(types.SkipModifiers(id)) ? $"{resolver.Resolve(id).Type}.SizeOf" : null;

    private string Resolve(int typeId, int size)
        => typeId != 0
            ? resolver.Resolve(typeId).Type
            : CSharpIntegers.Name(size, isSigned: false) ?? resolver.Bytes(size).Type;

    private string Describe(BpfMapSpec map)
    {
        string value = Describe(map.ValueTypeId, map.ValueSize);
        return MapClasses.Find(map.Type).Arguments switch
        {
            MapArguments.Event => $"{map.Type} of {(events.Of(map) is > 0 and int type ? CTypeNames.Describe(types, type) : "bytes")}",
            MapArguments.Value => $"{map.Type} of {value}",
            MapArguments.Inner => $"{map.Type} of {DescribeInner(map)}",
            MapArguments.KeyAndInner => $"{map.Type} from {Describe(map.KeyTypeId, map.KeySize)} to {DescribeInner(map)}",
            _ => $"{map.Type} from {Describe(map.KeyTypeId, map.KeySize)} to {value}",
        };
    }

    private string DescribeInner(BpfMapSpec map) => map.InnerMap is null ? "maps" : Describe(map.InnerMap);

    private string Describe(int typeId, int size) => typeId != 0 ? CTypeNames.Describe(types, typeId) : $"{size} bytes";
}
