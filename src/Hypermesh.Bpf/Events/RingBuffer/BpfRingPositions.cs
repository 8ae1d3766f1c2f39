namespace Hypermesh.Bpf;

/// <summary>Where a ring buffer's reader and writers have come to, in bytes since it was made.</summary>
/// <param name="Consumer">Everything before was read.</param>
/// <param name="Producer">Everything before was reserved.</param>
public readonly record struct BpfRingPositions(ulong Consumer, ulong Producer)
{
    /// <summary>What is there to be read, in bytes with 8 of each record's header; records still being written are counted.</summary>
    public ulong Available => Producer - Consumer;
}
