using System.Runtime.InteropServices;

namespace Hypermesh.Bpf;

/// <summary>A live global array that can be written: programs see a changed element at once. It ends with its object.</summary>
/// <typeparam name="T">An element's type, laid out as the C has it.</typeparam>
public sealed class BpfGlobalArray<T> : BpfElementArray<T>
    where T : unmanaged
{
    /// <summary>Creates a view of a part of a section.</summary>
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
    public T this[int index]
    {
        get => ReadElement(index);
        set => WriteElement(index, value);
    }
}

/// <summary>A live global array that is constant after the load (<c>const volatile</c>). It ends with its object.</summary>
/// <typeparam name="T">An element's type, laid out as the C has it.</typeparam>
public sealed class BpfConstantArray<T> : BpfElementArray<T>
    where T : unmanaged
{
    /// <summary>Creates a view of a part of a section.</summary>
    /// <param name="section">The section.</param>
    /// <param name="start">Where in it the array begins, in bytes.</param>
    /// <param name="length">How many elements there are; null for all until the section's end.</param>
    /// <exception cref="ArgumentOutOfRangeException">The array does not lie within the section.</exception>
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

/// <summary>A live global array whose length the load decides, or that is too large to be copied as one value. It ends with its object.</summary>
/// <typeparam name="T">An element's type, laid out as the C has it.</typeparam>
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

    /// <summary>How many elements there are.</summary>
    public int Length { get; }

    /// <summary>Copies elements out. Programs may write meanwhile: each element is whole, all of them together need not be of one moment.</summary>
    /// <param name="destination">Room for as many as are wanted, from the first on.</param>
    /// <exception cref="ArgumentException">There are fewer elements than that.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public void CopyTo(Span<T> destination)
    {
        if (destination.Length > Length)
        {
            throw new ArgumentException($"{destination.Length} elements are wanted, and there are {Length}.", nameof(destination));
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
