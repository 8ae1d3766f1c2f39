using Hypermesh.Bpf;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Btf;
using Hypermesh.BpfSdk.Generators.Diagnostics;
using Hypermesh.BpfSdk.Generators.Model;
using Hypermesh.BpfSdk.Generators.Naming;

namespace Hypermesh.BpfSdk.Generators.Parsing;

/// <summary>Makes the models of an object's maps.</summary>
internal sealed class MapParser(BtfTypes types, TypeResolver resolver, Findings findings)
{
    // Our header's hm_reserve counts in a map of this name; it belongs to the ring and is not shown.
    private const string DropCounterSuffix = "__dropped";

    private const string Library = "global::Hypermesh.Bpf.";

    public List<MapModel> Parse(IReadOnlyList<MapSpec> maps)
    {
        Dictionary<string, MapSpec> counters = FindDropCounters(maps);
        var scope = new NameScope("the maps", "Map", ReservedNames.OfObject.Append("MapSet"), findings);
        var models = new List<MapModel>();
        foreach (MapSpec map in maps)
        {
            if (!counters.ContainsValue(map) && scope.TryClaim("map", map.Name, out string name))
            {
                string? counter = counters.TryGetValue(map.Name, out MapSpec? found) ? found.Name : null;
                if (map.Type == BpfMapType.RingBuf && counter is null)
                {
                    findings.Add(DiagnosticIds.UncountedRing, map.Name, 0, map.Name);
                }

                models.Add(new MapModel(map.Name, name, TypeOf(map, counter), Describe(map), counter));
            }
        }

        return models;
    }

    private static Dictionary<string, MapSpec> FindDropCounters(IReadOnlyList<MapSpec> maps)
    {
        var rings = new HashSet<string>(maps.Where(map => map.Type == BpfMapType.RingBuf).Select(map => map.Name), StringComparer.Ordinal);
        var counters = new Dictionary<string, MapSpec>(StringComparer.Ordinal);
        foreach (MapSpec map in maps)
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

    private string TypeOf(MapSpec map, string? counter)
    {
        MapClass row = MapClasses.Find(map.Type);
        string name = counter is null ? row.Name : "BpfCountedRingBuffer";
        try
        {
            return Library + row.Arguments switch
            {
                MapArguments.Value => $"{name}<{Resolve(map.ValueTypeId, map.ValueSize)}>",
                MapArguments.Key => $"{name}<{Resolve(map.KeyTypeId, map.KeySize)}>",
                MapArguments.KeyAndValue => $"{name}<{Resolve(map.KeyTypeId, map.KeySize)}, {Resolve(map.ValueTypeId, map.ValueSize)}>",
                MapArguments.Event when map.ValueTypeId != 0 => $"{name}<{Resolve(map.ValueTypeId, 0)}>",
                _ => name,
            };
        }
        catch (UnsupportedTypeException exception)
        {
            findings.Add(DiagnosticIds.UnsupportedType, map.Name, 0, "the type of map", map.Name, exception.Message);
            return Library + MapClasses.Untyped.Name;
        }
    }

    private string Resolve(int typeId, uint size)
        => typeId != 0
            ? resolver.Resolve(typeId).Type
            : CSharpIntegers.Name((int)Math.Min(size, int.MaxValue), isSigned: false) ?? resolver.Bytes(size).Type;

    private string Describe(MapSpec map)
    {
        string value = Describe(map.ValueTypeId, map.ValueSize);
        return MapClasses.Find(map.Type).Arguments switch
        {
            MapArguments.Event => map.ValueTypeId == 0 ? "RingBuf of bytes" : $"RingBuf of {value}",
            MapArguments.Value => $"{map.Type} of {value}",
            _ => $"{map.Type} from {Describe(map.KeyTypeId, map.KeySize)} to {value}",
        };
    }

    private string Describe(int typeId, uint size) => typeId != 0 ? CTypeNames.Describe(types, typeId) : $"{size} bytes";
}
