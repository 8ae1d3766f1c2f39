using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Hypermesh.Bpf.Objects;

/// <summary>
/// The globals of one section (<c>.rodata</c>, <c>.data</c>, <c>.bss</c> and their kin) with their initial values, which may be
/// changed until the object is loaded. The loader makes an array map of it.
/// </summary>
public sealed class DataSectionSpec
{
    private readonly ReadOnlyMemory<byte> _initial;
    private byte[]? _image;

    internal DataSectionSpec(
        string objectName, string name, int sectionIndex, bool isReadOnly, int size, ReadOnlyMemory<byte> initial, IReadOnlyList<GlobalVariable> variables, int typeId)
    {
        ObjectName = objectName;
        Name = name;
        SectionIndex = sectionIndex;
        IsReadOnly = isReadOnly;
        Size = size;
        _initial = initial;
        Variables = variables;
        TypeId = typeId;
    }

    /// <summary>The object it belongs to.</summary>
    public string ObjectName { get; }

    /// <summary>The section's name.</summary>
    public string Name { get; }

    /// <summary>True for <c>const volatile</c> and string data: constant from load on.</summary>
    public bool IsReadOnly { get; }

    /// <summary>The size in bytes.</summary>
    public int Size { get; }

    /// <summary>The variables, by offset; empty without BTF.</summary>
    public IReadOnlyList<GlobalVariable> Variables { get; }

    /// <summary>The section's type in the object's BTF, 0 without.</summary>
    public int TypeId { get; }

    /// <summary>The contents as they will be loaded.</summary>
    public ReadOnlySpan<byte> Image => Bytes;

    internal int SectionIndex { get; }

    // Made when first asked for: a .bss may state a size that is nowhere in the file, and reading a file takes no more memory than it has bytes.
    private byte[] Bytes
    {
        get
        {
            if (_image is null)
            {
                var image = new byte[Size];
                _initial.Span.CopyTo(image);
                _image = image;
            }

            return _image;
        }
    }

    /// <summary>Reads a value.</summary>
    /// <typeparam name="T">A type of the variable's size.</typeparam>
    /// <param name="offset">The variable's offset.</param>
    /// <returns>The value.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The value lies outside the section.</exception>
    public T Read<T>(int offset)
        where T : unmanaged
        => MemoryMarshal.Read<T>(At<T>(offset));

    /// <summary>Changes a value.</summary>
    /// <typeparam name="T">A type of the variable's size.</typeparam>
    /// <param name="offset">The variable's offset.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="ArgumentOutOfRangeException">The value lies outside the section.</exception>
    public void Write<T>(int offset, T value)
        where T : unmanaged
    {
#if NETSTANDARD2_0
        MemoryMarshal.Write(At<T>(offset), ref value);
#else
        MemoryMarshal.Write(At<T>(offset), in value);
#endif
    }

    /// <summary>Finds a variable.</summary>
    /// <param name="name">Its name in C.</param>
    /// <returns>The variable, or null.</returns>
    public GlobalVariable? FindVariable(string name)
    {
        foreach (GlobalVariable variable in Variables)
        {
            if (string.Equals(variable.Name, name, StringComparison.Ordinal))
            {
                return variable;
            }
        }

        return null;
    }

    private Span<byte> At<T>(int offset)
        where T : unmanaged
    {
        int size = Unsafe.SizeOf<T>();
        if (offset < 0 || offset > Size - size)
        {
            throw new ArgumentOutOfRangeException(nameof(offset), offset, $"{size} bytes are wanted of section {Name}, which has {Size}");
        }

        return Bytes.AsSpan(offset, size);
    }
}
