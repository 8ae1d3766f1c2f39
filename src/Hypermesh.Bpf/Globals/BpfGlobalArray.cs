namespace Hypermesh.Bpf;

/// <summary>A live global array that can be written: programs see a changed element at once. It ends with its object.</summary>
/// <typeparam name="T">An element's type, laid out as the C has it.</typeparam>
public sealed class BpfGlobalArray<T> : BpfConstantArray<T>
    where T : unmanaged
{
    /// <summary>Looks at a part of a section through its element's type.</summary>
    /// <param name="section">The section.</param>
    /// <param name="start">Where in it the array begins, in bytes.</param>
    /// <param name="length">How many elements there are; null for all until the section's end.</param>
    /// <exception cref="ArgumentOutOfRangeException">The array does not lie within the section.</exception>
    public BpfGlobalArray(BpfGlobalSection section, int start, int? length = null)
        : base(section, start, length)
    {
    }

    /// <summary>An element as it is in the kernel now.</summary>
    /// <param name="index">Its index.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    /// <exception cref="BpfException">The section is read-only: its values are set in the spec, before the load.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public new T this[int index]
    {
        get => base[index];
        set => _section.Write(PlaceOf(index), value);
    }
}
