using System.Runtime.InteropServices;

namespace Hypermesh.Bpf;

/// <summary>A writable view of a global array of a live object: programs see a changed element at once. It is valid until its object is disposed.</summary>
/// <typeparam name="T">An element's type, with the layout it has in the C.</typeparam>
public sealed class BpfGlobalArray<T> : BpfElementArray<T>
    where T : unmanaged
{
    /// <summary>Creates a view of a part of a section.</summary>
    /// <param name="section">The section.</param>
    /// <param name="start">The offset of the array in the section, in bytes.</param>
    /// <param name="length">The number of elements; null for all until the section's end.</param>
    /// <exception cref="ArgumentOutOfRangeException">The array is not within the section.</exception>
    public BpfGlobalArray(BpfGlobalSection section, int start, int? length = null)
        : base(section, start, length)
    {
    }

    /// <summary>Gets or sets an element; programs share its memory.</summary>
    /// <param name="index">Its index.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    /// <exception cref="BpfException">The section is read-only: its values are set in the spec, before the load.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public T this[int index]
    {
        get => ReadElement(index);
        set => WriteElement(index, value);
    }
}

/// <summary>A view of a global array of a live object that is constant after the load (<c>const volatile</c>). It is valid until its object is disposed.</summary>
/// <typeparam name="T">An element's type, with the layout it has in the C.</typeparam>
public sealed class BpfConstantArray<T> : BpfElementArray<T>
    where T : unmanaged
{
    /// <summary>Creates a view of a part of a section.</summary>
    /// <param name="section">The section.</param>
    /// <param name="start">The offset of the array in the section, in bytes.</param>
    /// <param name="length">The number of elements; null for all until the section's end.</param>
    /// <exception cref="ArgumentOutOfRangeException">The array is not within the section.</exception>
    public BpfConstantArray(BpfGlobalSection section, int start, int? length = null)
        : base(section, start, length)
    {
    }

    /// <summary>Reads an element.</summary>
    /// <param name="index">Its index.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public T this[int index] => ReadElement(index);
}

/// <summary>A view of a global array whose length is set before the load, or that is too large to be copied as one value. It is valid until its object is disposed.</summary>
/// <typeparam name="T">An element's type, with the layout it has in the C.</typeparam>
public abstract class BpfElementArray<T>
    where T : unmanaged
{
    private readonly BpfGlobalSection _section;
    private readonly int _start;

    private protected unsafe BpfElementArray(BpfGlobalSection section, int start, int? length = null)
    {
        ArgumentNullException.ThrowIfNull(section);
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, section.Size);
        int room = (section.Size - start) / sizeof(T);
        Length = length ?? room;
        ArgumentOutOfRangeException.ThrowIfNegative(Length, nameof(length));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Length, room, nameof(length));
        _section = section;
        _start = start;
    }

    /// <summary>The number of elements.</summary>
    public int Length { get; }

    /// <summary>Copies elements. Programs may write meanwhile: each element is consistent, but the elements may be from different moments.</summary>
    /// <param name="destination">Receives the elements, from the first on; its length is the number of elements to copy.</param>
    /// <exception cref="ArgumentException">The array has fewer elements.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public void CopyTo(Span<T> destination)
    {
        if (destination.Length > Length)
        {
            throw new ArgumentException($"The destination has {destination.Length} elements, and the array has only {Length}.", nameof(destination));
        }

        _section.Read(_start, MemoryMarshal.AsBytes(destination));
    }

    private protected T ReadElement(int index) => _section.Read<T>(PlaceOf(index));

    private protected void WriteElement(int index, T value) => _section.Write(PlaceOf(index), value);

    private unsafe int PlaceOf(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Length);
        return _start + (index * sizeof(T));
    }
}
