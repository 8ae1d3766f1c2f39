using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Objects.StaticLinking;

/// <summary>Whether two objects define one map alike; a map that is declared extern states its whole definition.</summary>
internal static class MapAgreement
{
    private static readonly (string What, Func<MapSpec, object> Value)[] s_rows =
    [
        ("type", static map => map.Type),
        ("key_size", static map => map.KeySize),
        ("value_size", static map => map.ValueSize),
        ("max_entries", static map => map.MaxEntries),
        ("map_flags", static map => map.Flags),
        ("map_extra", static map => map.MapExtra),
        ("numa_node", static map => map.NumaNode),
        ("pinning", static map => map.IsPinnedByName),
        ("key type", static map => map.KeyTypeId != 0),
        ("value type", static map => map.ValueTypeId != 0),
        ("inner map", static map => map.InnerMap is not null),
    ];

    /// <summary>What differs; null where they agree.</summary>
    public static string? Difference(LinkedSymbol one, LinkedSymbol two)
        => Difference(Definition(one), one.Origin.Types!, Definition(two), two.Origin.Types!);

    private static MapSpec Definition(LinkedSymbol symbol) => MapDefinitionReader.ReadOne(symbol.Origin.Elf, symbol.Origin.Types!, symbol.Name, symbol.TypeId);

    private static string? Difference(MapSpec one, BtfTypes first, MapSpec two, BtfTypes second)
    {
        foreach ((string what, Func<MapSpec, object> value) in s_rows)
        {
            if (!value(one).Equals(value(two)))
            {
                return $"{what} {value(one)} and {value(two)}";
            }
        }

        var types = new TypeAgreement(first, second);
        return types.Difference(one.KeyTypeId, two.KeyTypeId) is { } key ? $"key: {key}"
            : types.Difference(one.ValueTypeId, two.ValueTypeId) is { } content ? $"value: {content}"
            : one.InnerMap is { } inner ? Difference(inner, first, two.InnerMap!, second)
            : null;
    }
}
