namespace Hypermesh.Bpf.AbiGenerator;

/// <summary>A field of a structure, flattened: the names of what it is nested in precede its own.</summary>
/// <param name="Name">Its name in C#.</param>
/// <param name="Type">Its type in C#; of an element where <paramref name="Count"/> is not 0.</param>
/// <param name="Offset">Its place, in bytes.</param>
/// <param name="Size">Its size, in bytes; of an element where <paramref name="Count"/> is not 0.</param>
/// <param name="Count">The length of an array, else 0.</param>
public readonly record struct KernelField(string Name, string Type, int Offset, int Size, int Count)
{
    /// <summary>Where it ends.</summary>
    public int End => Offset + (Size * Math.Max(1, Count));
}
