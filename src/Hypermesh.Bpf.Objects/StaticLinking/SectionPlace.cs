namespace Hypermesh.Bpf.Objects.StaticLinking;

/// <summary>Where the contents of an object's section come to lie.</summary>
/// <param name="Section">The linked object's section.</param>
/// <param name="Offset">The byte within it.</param>
/// <param name="IsShared">True where another object's contents stand for these too (<c>license</c>, <c>version</c>).</param>
internal sealed record SectionPlace(LinkedSection Section, int Offset, bool IsShared);
