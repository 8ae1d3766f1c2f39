namespace Hypermesh.Bpf.Objects.Compatibility;

/// <summary>
/// The version of the contract between generated skeletons and the runtime library. The generator writes <see cref="Current"/> into each skeleton. The library runs
/// skeletons of versions <see cref="Oldest"/> to <see cref="Current"/>. For any other version, its message names the package to update.
/// </summary>
/// <remarks>
/// <c>tests/generator/Golden/Contract.txt</c> lists each member of the library that generated code uses, and each abstract member that it implements. Once a version is published, a
/// change of these lists requires a new version here:
/// <list type="bullet">
/// <item>A line is added: raise <see cref="Current"/>, because an older library does not have the member.</item>
/// <item>
/// A line is removed because the library no longer has the member, the behaviour of a member changes, or there is one more member to implement: raise <see cref="Current"/>
/// and set <see cref="Oldest"/> to it.
/// </item>
/// </list>
/// The check itself runs in any pair of versions, so the members it uses must never change: the types <c>BpfSkeleton</c>, <c>BpfSkeletonSpec</c> and <c>BpfObjectSpec</c>,
/// and the constructor and <c>Object</c> of <c>BpfSkeletonSpec</c>.
/// </remarks>
internal static class SkeletonAbi
{
    /// <summary>The contract version that this version of the generator writes.</summary>
    public static int Current => 1;

    /// <summary>The oldest contract version that this version of the library runs.</summary>
    public static int Oldest => 1;
}
