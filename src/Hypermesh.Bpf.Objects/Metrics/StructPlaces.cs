using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Objects.Metrics;

/// <summary>The maps and variables that contain each struct. Arrays are not searched: their elements have no names.</summary>
internal sealed class StructPlaces(BtfTypes types)
{
    private const int MostLevels = 64;

    // More than the C of any project needs. Structs that contain the same struct twice, level by level, would need exponentially many.
    private const int MostSteps = 1_000_000;

    // The second place is an error already.
    private const int MostPlaces = 2;

    private readonly Dictionary<int, List<MetricHolder>> _places = [];
    private int _steps;

    /// <summary>Adds all structs in a map's value or a variable.</summary>
    /// <param name="typeId">The type of the value.</param>
    /// <param name="holder">Where the value is.</param>
    public void Add(int typeId, MetricHolder holder) => Add(typeId, holder, 0);

    /// <summary>The places of a struct; of several, the first two.</summary>
    public IReadOnlyList<MetricHolder> Of(int structId) => _places.TryGetValue(structId, out List<MetricHolder>? found) ? found : [];

    private void Add(int typeId, MetricHolder holder, int level)
    {
        BtfType type = types[types.SkipModifiers(typeId)];
        if (!type.IsComposite || level > MostLevels || ++_steps > MostSteps)
        {
            return;
        }

        if (!_places.TryGetValue(type.Id, out List<MetricHolder>? found))
        {
            _places.Add(type.Id, found = []);
        }

        if (found.Count < MostPlaces)
        {
            found.Add(holder);
        }

        for (int i = 0; i < type.Length && _steps <= MostSteps; i++)
        {
            BtfMember member = type.Member(i);
            Add(member.TypeId, holder with { Offset = holder.Offset + (member.BitOffset / 8) }, level + 1);
        }
    }
}

/// <summary>What holds a value.</summary>
/// <param name="Map">A map, or null.</param>
/// <param name="Section">A data section, or null.</param>
/// <param name="Offset">The offset of the value in the map's value or in the section.</param>
internal sealed record MetricHolder(BpfMapSpec? Map, BpfDataSectionSpec? Section, long Offset)
{
    /// <summary>The map or the variable, for messages.</summary>
    public string Name => Map is { } map ? $"map '{map.Name}'"
        : Section!.Variables.LastOrDefault(variable => variable.Offset <= Offset) is { } variable ? $"variable '{variable.Name}'" : $"section {Section.Name}";
}
