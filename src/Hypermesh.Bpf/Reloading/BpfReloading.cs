using Hypermesh.Bpf.Objects;
using Hypermesh.Bpf.Reloading;

namespace Hypermesh.Bpf;

/// <summary>Replaces a running object by a new version of it.</summary>
public static class BpfReloading
{
    /// <summary>
    /// Replaces the programs of a running object by those of a new version, while they are attached. Maps and data sections whose types, sizes and flags are equal are kept with their content; of one that
    /// changed a new one is made, and the old one is kept aside. A version that the kernel refuses leaves the running one as it was. Two reloads at once follow each other.
    /// </summary>
    /// <remarks>
    /// Programs are found by name. Where the kernel can give a link another program (XDP, TCX, netkit, control groups, socket lookup, iterators, socket maps), it does, and only in place of the expected one.
    /// Tracing programs and netfilter are exchanged behind a dispatcher when the object was loaded with <see cref="BpfLoadOptions.Reloadable"/>: each event goes to the old or to the new program. What the
    /// kernel itself did not run is counted as before (<see cref="BpfRunStatistics.RecursionMisses"/>). Everything else is attached anew before the old one is detached, and the report says how many events both may have seen.
    /// Several programs are exchanged one after the other, not in one instant. Needs what loading and attaching need.
    /// </remarks>
    /// <param name="live">The running object.</param>
    /// <param name="next">The new version.</param>
    /// <returns>What became of each program and map.</returns>
    /// <exception cref="BpfVerifierException">The verifier rejected a new program; the old version runs on.</exception>
    /// <exception cref="BpfException">The new version cannot be loaded or attached for another reason; the old version runs on.</exception>
    /// <exception cref="ObjectDisposedException">The object is disposed.</exception>
    public static BpfReload HotReload(this BpfObject live, BpfObjectSpec next)
    {
        ArgumentNullException.ThrowIfNull(live);
        ArgumentNullException.ThrowIfNull(next);
        lock (live.Gate)
        {
            return new Reloader(live, next).Run();
        }
    }
}

/// <summary>What a reload made of each program and map.</summary>
/// <param name="Programs">The programs of both versions.</param>
/// <param name="Maps">The maps of both versions; data sections by their names, such as <c>.bss</c>.</param>
public sealed record BpfReload(IReadOnlyList<BpfProgramReload> Programs, IReadOnlyList<BpfMapReload> Maps);

/// <summary>What a reload made of a program.</summary>
/// <param name="Name">Its name in C.</param>
/// <param name="Way">How it was exchanged.</param>
/// <param name="SeenByBoth">The most events that the old and the new version may both have seen; null where that cannot be known (without CAP_SYS_ADMIN).</param>
public sealed record BpfProgramReload(string Name, BpfReloadWay Way, ulong? SeenByBoth);

/// <summary>How a program was exchanged.</summary>
public enum BpfReloadWay
{
    /// <summary>It was not attached, and neither is the new one.</summary>
    Detached,

    /// <summary>Behind its dispatcher: each event goes to one of both.</summary>
    Dispatched,

    /// <summary>By the kernel, in its link: each event goes to one of both.</summary>
    LinkUpdated,

    /// <summary>The new one was attached before the old one was detached: both may have seen some events.</summary>
    Overlapped,

    /// <summary>It is new, and attached if its section names a target.</summary>
    Added,

    /// <summary>The new version does not have it: it is detached.</summary>
    Removed,
}

/// <summary>What a reload made of a map or data section.</summary>
/// <param name="Name">Its name in C.</param>
/// <param name="IsKept">Whether it is the same one, with its content.</param>
/// <param name="Because">Why it is not, such as <c>the value of map 'counts' has 16 bytes and had 8</c>; null if it is.</param>
/// <param name="Aside">The old map, which no program uses any more and which can be read until the object is disposed; null if it is the same one, or there was none.</param>
public sealed record BpfMapReload(string Name, bool IsKept, string? Because, BpfMapHandle? Aside);
