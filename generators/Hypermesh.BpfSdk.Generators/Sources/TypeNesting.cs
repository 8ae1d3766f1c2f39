using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.BpfSdk.Generators.Parsing;

/// <summary>How deep types may lie in each other, and which members belong to the struct around theirs.</summary>
internal static class TypeNesting
{
    /// <summary>Deeper than any C; a damaged object that nests without end is stopped here.</summary>
    public const int MaximumDepth = 64;

    /// <summary>True for a member without a name whose own members belong to the struct around it.</summary>
    public static bool IsTransparent(BtfTypes types, BtfMember member)
        => member.NameOffset == 0 && types[types.SkipModifiers(member.TypeId)].IsComposite;
}
