namespace Hypermesh.Bpf.Objects.Merging;

/// <summary>How the values of one member in several maps become one value.</summary>
internal enum MergeRule : byte
{
    /// <summary>They are added up.</summary>
    Sum,

    /// <summary>The greatest one.</summary>
    Max,

    /// <summary>The smallest one.</summary>
    Min,

    /// <summary>That of the newest map that has one.</summary>
    Keep,
}

/// <summary>A member of a map's value, or a variable, with a tag of <c>hypermesh/reload.h</c>.</summary>
/// <param name="Path">Its name, with those of the structs around it; empty for a value that is not a struct.</param>
/// <param name="Offset">Its offset in bytes.</param>
/// <param name="Size">The size of the integer: 1, 2, 4 or 8 bytes; any size for one that is kept.</param>
/// <param name="Count">The number of elements of an array; 1 for any other.</param>
/// <param name="IsSigned">True for a signed integer.</param>
/// <param name="Rule">How its values become one.</param>
internal sealed record MergeField(string Path, int Offset, int Size, int Count, bool IsSigned, MergeRule Rule);
