namespace Hypermesh.Bpf;

/// <summary>The result of a hot reload.</summary>
/// <param name="Programs">The programs of both versions.</param>
/// <param name="Maps">The maps of both versions; data sections by their names, such as <c>.bss</c>.</param>
public sealed record BpfReload(IReadOnlyList<BpfProgramReload> Programs, IReadOnlyList<BpfMapReload> Maps);

/// <summary>The result of a hot reload for one program.</summary>
/// <param name="Name">Its name in C.</param>
/// <param name="Way">How it was exchanged.</param>
/// <param name="SeenByBoth">The most events that the old and the new version may both have seen; null where that cannot be known (without CAP_SYS_ADMIN).</param>
public sealed record BpfProgramReload(string Name, BpfReloadWay Way, ulong? SeenByBoth);

/// <summary>How a program was exchanged.</summary>
public enum BpfReloadWay
{
    /// <summary>It was not attached, and neither is the new one.</summary>
    Detached,

    /// <summary>The dispatcher calls the new version: each event is seen by exactly one version.</summary>
    Dispatched,

    /// <summary>The kernel has updated the link: each event is seen by exactly one version.</summary>
    LinkUpdated,

    /// <summary>The new one was attached before the old one was detached: both may have seen some events.</summary>
    Overlapped,

    /// <summary>It is new, and attached if its section names a target.</summary>
    Added,

    /// <summary>The new version does not have it: it is detached.</summary>
    Removed,
}

/// <summary>The result of a hot reload for one map or data section.</summary>
/// <param name="Name">Its name in C.</param>
/// <param name="IsKept">Whether it is the same one, with its content.</param>
/// <param name="Because">Why it is not, such as <c>the value of map 'counts' has 16 bytes and had 8</c>; null if it is.</param>
/// <param name="Aside">The old map, which no program uses any more and which can be read until the object is disposed; null if it is the same one, or there was none.</param>
public sealed record BpfMapReload(string Name, bool IsKept, string? Because, BpfMapHandle? Aside)
{
    /// <summary>Whether it is another map whose reads contain the values of the old one, by the tags of <c>hypermesh/reload.h</c>: HM_SUM, HM_MAX, HM_MIN, HM_KEEP. Programs see only what they wrote into the new one.</summary>
    public bool IsCarriedOver { get; init; }
}
