namespace Hypermesh.Bpf.Objects.Compatibility;

/// <summary>
/// The number of the contract between generated skeletons and the runtime library. The generator writes <see cref="Current"/> into each skeleton. The library runs skeletons of
/// <see cref="Oldest"/> to <see cref="Current"/>, and names the package to build with or to update for every other.
/// </summary>
/// <remarks>
/// <c>tests/generator/Golden/Contract.txt</c> lists each member of the library that generated code uses. Once a version is published, a change of that list changes a number:
/// <list type="bullet">
/// <item>A line is added: raise <see cref="Current"/>, since an older library does not have the member.</item>
/// <item>A line is removed because the library no longer has the member, or the member does something else: raise <see cref="Current"/> and set <see cref="Oldest"/> to it.</item>
/// </list>
/// The check itself runs in any pair of versions, so what it needs never changes: the types <c>BpfSkeleton</c>, <c>BpfSkeletonSpec</c> and <c>BpfObjectSpec</c>, and of
/// <c>BpfSkeletonSpec</c> the constructor and <c>Object</c>.
/// </remarks>
internal static class SkeletonAbi
{
    /// <summary>What the generator of this version writes.</summary>
    public static int Current => 1;

    /// <summary>The oldest that the library of this version runs.</summary>
    public static int Oldest => 1;
}
