namespace Hypermesh.Bpf;

/// <summary>
/// Decides, once for each map, which calls on one of its elements are short enough to run without a GC transition. A garbage collection waits for such a call, so only what is known to
/// be short is listed: many kinds of maps wait for programs to end (maps of maps), take a mutex, start a thread, or copy large values.
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

        // The kernel searches a hash for its next key bucket by bucket, which takes milliseconds if it is large and nearly empty. When a value is replaced or removed, the kernel frees its
        // timers, its lists and what its pointers refer to.
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

    /// <summary>Update, delete, and look up and delete.</summary>
    Change = 4,

    /// <summary>Set once the others are decided.</summary>
    Decided = 8,
}
