using Hypermesh.Bpf.Errors;
using Hypermesh.Bpf.Features;
using Hypermesh.Bpf.KernelObjects;

namespace Hypermesh.Bpf.Maps;

/// <summary>
/// Explains why an operation on the elements of an existing map failed: a map can be closed to user space, and the kernel then returns EPERM even if no capability is
/// missing. <see cref="MapCreationErrors"/> explains a map that cannot be created.
/// </summary>
internal static class MapElementErrors
{
    private static readonly HashSet<BpfCommand> s_onlyWrite =
        [BpfCommand.MapUpdateElement, BpfCommand.MapDeleteElement, BpfCommand.MapUpdateBatch, BpfCommand.MapDeleteBatch, BpfCommand.MapFreeze];

    /// <summary>The exception for a failed command on a map.</summary>
    /// <param name="map">The map.</param>
    /// <param name="command">The command.</param>
    /// <param name="result">Its result: the negative errno.</param>
    /// <param name="what">What was being done.</param>
    /// <param name="detail">The reason, in whole sentences, if the caller knows it; by default, the meaning of the errno for this map type.</param>
    internal static BpfSyscallException Of(BpfMapHandle map, BpfCommand command, long result, string what, string? detail = null)
        => (result == -Errno.EPERM || IsSecondFreeze(result, command)) && Closed(map, command) is { } advice
            ? KernelErrors.Refused(BpfRefusal.MapAccess, advice, command, result, what, map.ObjectName, map.Name)
            : FeatureErrors.Of(
                map.Kernel, command, result, what, Capabilities.Bpf, map.ObjectName, map.Name,
                command == BpfCommand.MapLookupAndDeleteElement && map.Type is not (BpfMapType.Queue or BpfMapType.Stack) ? MapFeatures.HashTake : null,
                detail ?? (result == -Errno.E2BIG && command is BpfCommand.MapUpdateElement or BpfCommand.MapUpdateBatch ? Full(map) : null)
                    ?? KernelReasons.OfMap(command, map.Type, (int)-result));

    // An array has a last index and cannot become full.
    private static string? Full(BpfMapHandle map) => map.Type switch
    {
        BpfMapType.Hash or BpfMapType.PerCpuHash => $"{FullAt(map)} A map of type {(map.Type == BpfMapType.Hash ? "BPF_MAP_TYPE_LRU_HASH" : "BPF_MAP_TYPE_LRU_PERCPU_HASH")} removes old entries instead.",
        BpfMapType.LpmTrie or BpfMapType.HashOfMaps or BpfMapType.DevMapHash or BpfMapType.SockHash or BpfMapType.Queue or BpfMapType.Stack => FullAt(map),
        BpfMapType.Array or BpfMapType.PerCpuArray or BpfMapType.ProgArray or BpfMapType.ArrayOfMaps or BpfMapType.DevMap or BpfMapType.CpuMap or BpfMapType.XskMap or BpfMapType.SockMap
            => $"The index is after the last one: the map has {map.MaxEntries} elements (max_entries), 0 to {map.MaxEntries - 1L}.",
        _ => null,
    };

    private static string FullAt(BpfMapHandle map)
        => $"The map is full: its max_entries is {map.MaxEntries}. Remove entries, or raise max_entries in the C or MaxEntries of the map's spec before Load.";

    // Older kernels (5.10) return EBUSY for a frozen map.
    private static bool IsSecondFreeze(long result, BpfCommand command) => result == -Errno.EBUSY && command == BpfCommand.MapFreeze;

    // Null if the map allows the command.
    private static string? Closed(BpfMapHandle map, BpfCommand command)
    {
        bool isRead = !s_onlyWrite.Contains(command);
        bool isWrite = s_onlyWrite.Contains(command) || command is BpfCommand.MapLookupAndDeleteElement or BpfCommand.MapLookupAndDeleteBatch;
        BpfMapFlags flags = map.Flags;
        if (isWrite && flags.HasFlag(BpfMapFlags.ReadOnly))
        {
            return "The map was created read-only for user space (BPF_F_RDONLY): only programs can change it.";
        }

        if (isRead && flags.HasFlag(BpfMapFlags.WriteOnly))
        {
            return "The map was created write-only for user space (BPF_F_WRONLY): only programs can read it.";
        }

        return isWrite && IsFrozen(map)
            ? "The map is frozen: its contents can no longer be changed. Set constants in the spec, before the load."
            : null;
    }

    private static bool IsFrozen(BpfMapHandle map) => DescriptorFacts.Find(map.Created, "frozen") == "1";
}

/// <summary>Separates the results of an element operation into answers and errors.</summary>
internal static class MapResults
{
    internal static void CheckIndex(this BpfMap map, int index)
    {
        if (index < 0 || index >= map.MaxEntries)
        {
            throw new ArgumentOutOfRangeException(nameof(index), index, $"The indexes of map {map.Name} are 0 to {map.MaxEntries - 1}.");
        }
    }

    /// <summary>The exception for a missing entry. The message contains only numeric keys, because the text of a struct is only the name of its type.</summary>
    internal static KeyNotFoundException NoEntry<TKey>(this BpfMap map, in TKey key)
        where TKey : unmanaged
        => new(key is IFormattable ? $"Map {map.Name} has no entry {key}." : $"Map {map.Name} has no entry of this {typeof(TKey).Name}.");

    internal static bool WasFound(this BpfMap map, long result, BpfCommand command, string what)
    {
        if (result >= 0)
        {
            return true;
        }

        if (result != -Errno.ENOENT)
        {
            map.ThrowSyscall(command, result, what);
        }

        return false;
    }

    internal static bool Updated(this BpfMap map, long result, UpdateMode mode, Func<string?>? why = null)
    {
        switch ((int)-result)
        {
            case <= 0:
                return true;
            case Errno.EEXIST when mode == UpdateMode.Add:
            case Errno.ENOENT when mode == UpdateMode.Replace:
                return false;
            default:
                map.ThrowSyscall(BpfCommand.MapUpdateElement, result, "Writing", result == -Errno.EINVAL ? why?.Invoke() : null);
                return false;
        }
    }
}
