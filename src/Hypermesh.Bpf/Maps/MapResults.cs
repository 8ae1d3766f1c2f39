namespace Hypermesh.Bpf;

/// <summary>Which results of an element's operation are answers, and which are errors.</summary>
internal static class MapResults
{
    internal static void CheckIndex(this BpfMap map, int index)
    {
        if (index < 0 || index >= map.MaxEntries)
        {
            throw new ArgumentOutOfRangeException(nameof(index), index, $"Map {map.Name} begins at 0 and ends at {map.MaxEntries - 1}.");
        }
    }

    /// <summary>Of keys only numbers are told: a struct's text is no more than its type's name.</summary>
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

    internal static bool Updated(this BpfMap map, long result, UpdateMode mode)
    {
        switch ((int)-result)
        {
            case <= 0:
                return true;
            case Errno.EEXIST when mode == UpdateMode.Add:
            case Errno.ENOENT when mode == UpdateMode.Replace:
                return false;
            default:
                map.ThrowSyscall(BpfCommand.MapUpdateElement, result, "Writing");
                return false;
        }
    }
}
