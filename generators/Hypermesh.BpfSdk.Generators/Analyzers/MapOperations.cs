using Hypermesh.Bpf;

namespace Hypermesh.BpfSdk.Generators.Analyzers;

/// <summary>The map flags that the members of map classes require.</summary>
internal static class MapOperations
{
    private static readonly HashSet<string> s_reads = new(StringComparer.Ordinal)
    {
        "TryGetValue", "ContainsKey", "Read", "ReadNext", "CopyTo", "GetLocked", "TryGetValueLocked", "TryGetOneCpu", "TryPeek", "GetEnumerator",
    };

    private static readonly HashSet<string> s_writes = new(StringComparer.Ordinal)
    {
        "TryAdd", "TryUpdate", "Update", "Remove", "CopyFrom", "SetLocked", "SetOneCpu", "SetAllCpus", "TryEnqueue", "Enqueue", "TryPush", "Push", "Add", "Set", "TrySet",
    };

    // These calls of the kernel require the right to read and the right to write.
    private static readonly HashSet<string> s_takes = new(StringComparer.Ordinal) { "TryTake", "TakeAll", "TryDequeue", "TryPop" };

    private static readonly HashSet<string> s_locks = new(StringComparer.Ordinal) { "GetLocked", "SetLocked", "TryGetValueLocked" };

    /// <summary>Returns the reason why a member fails on a map with these flags; null when it does not fail.</summary>
    public static string? Refusal(string member, BpfMapFlags flags)
    {
        bool takes = s_takes.Contains(member);
        if ((flags & BpfMapFlags.WriteOnly) != 0 && (takes || s_reads.Contains(member)))
        {
            return "it is declared with BPF_F_WRONLY, so only programs may read it";
        }

        if ((flags & BpfMapFlags.ReadOnly) != 0 && (takes || s_writes.Contains(member)))
        {
            return "it is declared with BPF_F_RDONLY, so only programs may write it";
        }

        return member == "Map" && (flags & BpfMapFlags.Mappable) == 0 ? "it is declared without BPF_F_MMAPABLE" : null;
    }

    /// <summary>Returns true for a member that takes the value's lock.</summary>
    public static bool Locks(string member) => s_locks.Contains(member);
}
