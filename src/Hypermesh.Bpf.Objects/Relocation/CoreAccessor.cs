namespace Hypermesh.Bpf.Objects.Relocation;

/// <summary>One step of an access that has a meaning in C: a named member, an enum's constant, or an element of an array.</summary>
/// <param name="TypeId">The struct, union or enum stepped into; for an element, the element's own type. Modifiers are skipped.</param>
/// <param name="Index">Which member, constant or element.</param>
/// <param name="NameOffset">The member's or constant's name; 0 for an element.</param>
internal readonly record struct CoreAccessor(int TypeId, int Index, uint NameOffset)
{
    public bool IsElement => NameOffset == 0;
}
