namespace Hypermesh.Bpf.Objects.Linking;

/// <summary>A table of the <c>.jumptables</c> section, as a program has it that jumps through it (<c>gotox</c>).</summary>
/// <param name="Place">The byte of the section it begins at, which tells the tables of a program apart.</param>
/// <param name="Targets">The instructions it leads to, counted from the program's first.</param>
public sealed record LinkedJumpTable(int Place, IReadOnlyList<int> Targets)
{
    internal LinkedJumpTable MovedBy(int instructions) => this with { Targets = [.. Targets.Select(target => target + instructions)] };
}
