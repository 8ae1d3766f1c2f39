namespace Hypermesh.Bpf;

/// <summary>
/// Which calls on one element of a map are so short that the garbage collector need not be told of them. Decided once a map, by a list of what is known to be short: a collection
/// waits for a call it was not told of, and many kinds of maps wait for programs to end (maps of maps), take a mutex, start a thread, or copy as much as a value holds.
/// </summary>
internal static class ShortMapCalls
{
    // About a microsecond to copy.
    private const ulong MostBytes = 4096;

    /// <summary>The commands that are short on maps like this one.</summary>
    internal static ShortCommands Of(IKernel kernel, BpfMapDefinition map)
    {
        (bool isListed, bool isPerCpu, bool isHash) = map.Type switch
        {
            BpfMapType.Array => (true, false, false),
            BpfMapType.Hash or BpfMapType.LruHash => (true, false, true),
            BpfMapType.PerCpuArray => (true, true, false),
            BpfMapType.PerCpuHash or BpfMapType.LruPerCpuHash => (true, true, true),
            _ => default,
        };
        if (!isListed || map.KeySize + (((ulong)map.ValueSize + 7) & ~7ul) * (ulong)(isPerCpu ? PossibleCpus.Of(kernel).Count : 1) > MostBytes)
        {
            return ShortCommands.None;
        }

        // A hash is searched for its next key bucket by bucket, which takes milliseconds where it is large and nearly empty. A value that holds timers, lists or pointers to objects of
        // the kernel has them freed where it is replaced or removed.
        return ShortCommands.Lookup
            | (isHash ? ShortCommands.None : ShortCommands.NextKey)
            | (map.HasKernelFields ? ShortCommands.None : ShortCommands.Change);
    }

    internal static ShortCommands Kind(BpfCommand command) => command switch
    {
        BpfCommand.MapLookupElement => ShortCommands.Lookup,
        BpfCommand.MapGetNextKey => ShortCommands.NextKey,
        _ => ShortCommands.Change,
    };
}

/// <summary>Kinds of commands on one element of a map.</summary>
[Flags]
internal enum ShortCommands : byte
{
    None = 0,
    Lookup = 1,
    NextKey = 2,

    /// <summary>To update, to delete, to look up and delete.</summary>
    Change = 4,

    /// <summary>Set once it is known which are.</summary>
    Decided = 8,
}
