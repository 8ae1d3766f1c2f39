using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Compatibility;

namespace Hypermesh.Bpf.Tests.Unit.Objects.Compatibility;

/// <summary>Two maps have one signature when one can take the other's place: as the comparison finds that names each difference.</summary>
public sealed class MapSignatureTests
{
    [Fact]
    public void Signatures_are_equal_where_no_difference_is_found()
    {
        (BpfObjectSpec Spec, BpfMapSpec Map)[] maps = [.. Files.SelectMany(static file => Read(file)).SelectMany(static spec => spec.Maps.Select(map => (spec, map)))];
        (int equal, int unlike) = (0, 0);
        foreach ((BpfObjectSpec spec, BpfMapSpec map) in maps)
        {
            foreach ((BpfObjectSpec otherSpec, BpfMapSpec other) in maps.Where(other => other.Map.Type == map.Type))
            {
                bool isEqual = ObjectInterface.DifferenceOfMap(spec, otherSpec, map, other) is null && map.MaxEntries == other.MaxEntries;
                if (isEqual != (MapSignature.Of(spec, map) == MapSignature.Of(otherSpec, other)) && map.Type is not (BpfMapType.ProgArray or BpfMapType.ArrayOfMaps or BpfMapType.HashOfMaps))
                {
                    Assert.Fail($"{map.Name} of {spec.Name} and {other.Name} of {otherSpec.Name}: {ObjectInterface.DifferenceOfMap(spec, otherSpec, map, other) ?? "no difference"}, and {MapSignature.Of(spec, map)} / {MapSignature.Of(otherSpec, other)}");
                }

                (equal, unlike) = isEqual ? (equal + 1, unlike) : (equal, unlike + 1);
            }
        }

        Assert.True(equal > maps.Length && unlike > maps.Length, $"{equal} equal and {unlike} unlike pairs of {maps.Length} maps");
    }

    private static IEnumerable<string> Files => Directory.EnumerateFiles(AppContext.BaseDirectory, "*.bpf.o", SearchOption.AllDirectories).Order(StringComparer.Ordinal);

    // Twice, so that there are equal ones.
    private static IEnumerable<BpfObjectSpec> Read(string file)
    {
        byte[] image = File.ReadAllBytes(file);
        try
        {
            return [BpfObjectSpec.Read(image, Path.GetFileName(file)), BpfObjectSpec.Read(image, "other-" + Path.GetFileName(file))];
        }
        catch (BpfObjectFormatException)
        {
            // Some are damaged on purpose.
            return [];
        }
    }
}
