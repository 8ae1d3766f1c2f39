using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.NameMatching;

namespace Hypermesh.Bpf.Loading;

/// <summary>Checks the options with map names: a name that the object does not have would have no effect and go unnoticed.</summary>
internal static class NamedOptions
{
    /// <exception cref="BpfException">An option names a map that the object does not have, or that is of another type.</exception>
    internal static void Check(BpfObjectSpec spec, BpfLoadOptions options)
    {
        foreach (string name in options.ReplacedMaps.Keys)
        {
            Check(spec, name, nameof(BpfLoadOptions.ReplacedMaps), static _ => true, "map");
        }

        foreach (string name in options.InnerMaps.Keys)
        {
            Check(spec, name, nameof(BpfLoadOptions.InnerMaps), static map => map.Type is BpfMapType.ArrayOfMaps or BpfMapType.HashOfMaps, "map of maps");
        }
    }

    private static void Check(BpfObjectSpec spec, string name, string option, Func<BpfMapSpec, bool> isMeant, string kind)
    {
        string[] names = [.. spec.Maps.Where(isMeant).Select(static map => map.Name)];
        if (!names.Contains(name, StringComparer.Ordinal))
        {
            throw new BpfException($"BpfLoadOptions.{option} names '{name}', but {spec.Name} has no such {kind}. {Remedy(name, names)}", spec.Name, name);
        }
    }

    // In C# the spelling differs: ByThread is by_thread in the C.
    private static string Remedy(string name, string[] names)
    {
        if (names.FirstOrDefault(one => Plain(one) == Plain(name)) is { } inC)
        {
            return $"Use the name in the C: \"{inC}\".";
        }

        var near = new NearNames(name);
        foreach (string one in names)
        {
            near.See(one);
        }

        return names.Length == 0 ? "It has none; remove the option." : $"Use a name of the C; {(near.Best.Count > 0 ? "similar names" : "its names")} are {string.Join(", ", near.Best.Count > 0 ? near.Best : names)}.";
    }

    private static string Plain(string name) => name.Replace("_", "", StringComparison.Ordinal).ToUpperInvariant();
}
