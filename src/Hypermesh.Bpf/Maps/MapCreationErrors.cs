using Hypermesh.Bpf.Features;
using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Objects.Requirements;

namespace Hypermesh.Bpf.Maps;

/// <summary>Explains why a map cannot be created: the kernel does not support its type or flags, a capability is missing, or its definition is wrong.</summary>
internal static class MapCreationErrors
{
    // Maps that redirect packets and sockets.
    private static readonly HashSet<BpfMapType> s_network = [BpfMapType.DevMap, BpfMapType.DevMapHash, BpfMapType.SockMap, BpfMapType.SockHash, BpfMapType.XskMap];

    /// <summary>The exception for a map that the kernel did not create.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="definition">The map's definition.</param>
    /// <param name="result">The result of the command: the negative errno.</param>
    /// <param name="objectName">The object it belongs to.</param>
    /// <param name="unfit">What is wrong with the fields of its value.</param>
    internal static BpfSyscallException Of(IKernel kernel, BpfMapDefinition definition, long result, string? objectName, string[] unfit)
        => FeatureErrors.Of(
            kernel, BpfCommand.MapCreate, result,
            $"Creating map {definition.Name} ({definition.Type}, key {definition.KeySize}, value {definition.ValueSize}, {definition.MaxEntries} entries)",
            s_network.Contains(definition.Type) ? Capabilities.Bpf | Capabilities.NetAdmin : Capabilities.Bpf, objectName, definition.Name, definition.Type == BpfMapType.TaskStorage ? MapFeatures.TaskStorage : null,
            LackingIn(definition) ?? Unfit(definition, unfit) ?? (result is -Errno.E2BIG or -Errno.ENOMEM || (result == -Errno.EINVAL && MapMemory.IsRing(definition.Type)) ? MapMemory.Explain(kernel, definition) : null));

    private static string? Unfit(BpfMapDefinition definition, string[] fields)
    {
        string[] all = [.. MapFaults.OfShape(definition.Type, definition.KeySize, definition.ValueSize, definition.MaxEntries, definition.Flags), .. fields];
        return all.Length == 0 ? null : string.Join(' ', all);
    }

    private static string? LackingIn(BpfMapDefinition definition)
    {
        string[] lacking = [.. MapDefinitionFacts.Lacking(definition.Type, definition.KeySize, definition.ValueSize, definition.MaxEntries)];
        string[] cleared = [.. lacking.Except(MapDefinitionFacts.Lacking(definition.Type, definition.Stated.Key, definition.Stated.Value, definition.Stated.Entries))];
        return lacking.Length == 0 ? null
            : cleared.Length > 0 ? string.Join(" ", cleared.Select(member => Cleared(member, definition.Stated)))
            : $"The definition has no {string.Join(" and no ", lacking)}: {MapDefinitionFacts.Remedy(lacking)}.";
    }

    // The C is correct, but code has changed the spec.
    private static string Cleared(string member, (int Key, int Value, uint Entries) stated)
    {
        (string property, long size) = member switch
        {
            MapDefinitionFacts.Key => (nameof(BpfMapSpec.KeySize), stated.Key),
            MapDefinitionFacts.Value => (nameof(BpfMapSpec.ValueSize), stated.Value),
            _ => (nameof(BpfMapSpec.MaxEntries), (long)stated.Entries),
        };
        return $"{property} of the map's spec was set to 0, which the kernel rejects; the C declares {size}. Set it to another number, or leave it unchanged.";
    }
}
