using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Objects;

/// <summary>
/// A data section (<c>.rodata</c>, <c>.data</c>, <c>.bss</c> and similar) with the initial values of its global variables, which can be
/// changed until the object is loaded. The loader creates an array map from it.
/// </summary>
public sealed class BpfDataSectionSpec
{
    /// <summary>The name of the section for globals in the object's arena.</summary>
    internal const string ArenaSection = ".addr_space.1";

    private readonly ReadOnlyMemory<byte> _initial;
    private byte[]? _image;

    internal BpfDataSectionSpec(
        string objectName, string name, int sectionIndex, bool isReadOnly, int size, ReadOnlyMemory<byte> initial, IReadOnlyList<BpfGlobalVariable> variables, int typeId)
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

    /// <summary>The name of its object.</summary>
    public string ObjectName { get; }

    /// <summary>The section's name.</summary>
    public string Name { get; }

    /// <summary>True for <c>const volatile</c> variables and string data, which are constant after the load.</summary>
    public bool IsReadOnly { get; }

    /// <summary>The size in bytes.</summary>
    public int Size { get; private set; }

    /// <summary>The variables, ordered by offset; empty without BTF.</summary>
    internal IReadOnlyList<BpfGlobalVariable> Variables { get; private set; }

    /// <summary>The ID of the section's type in the object's BTF; 0 without BTF.</summary>
    internal int TypeId { get; }

    /// <summary>The contents that will be loaded.</summary>
    public ReadOnlySpan<byte> Image => Bytes;

    /// <summary>The arena that contains these globals; null for an ordinary section, which has its own map.</summary>
    internal BpfMapSpec? Arena { get; set; }

    /// <summary>
    /// False when all variables are private to the object (<c>static</c>, <c>__hidden</c>). Such a section is not mapped, because it may contain locks, lists or trees,
    /// and the kernel does not map sections that do.
    /// </summary>
    internal bool IsShared => TypeId == 0 || Variables.Count == 0 || Variables.Any(static variable => !variable.IsStatic);

    internal int SectionIndex { get; }

    internal BtfTypes? Types { get; set; }

    /// <summary>True when <see cref="Resize"/> changed the length of the last array, so it differs from its type.</summary>
    internal bool IsResized { get; private set; }

    // Created on first use: a .bss can have a size far larger than the file, and reading a file must not need more memory than the file has bytes.
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
    /// <exception cref="ArgumentOutOfRangeException">The value is outside the section.</exception>
    public T Read<T>(int offset)
        where T : unmanaged
        => MemoryMarshal.Read<T>(At<T>(offset));

    /// <summary>Changes a value.</summary>
    /// <typeparam name="T">A type of the variable's size.</typeparam>
    /// <param name="offset">The variable's offset.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside the section.</exception>
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
    internal BpfGlobalVariable? FindVariable(string name)
    {
        foreach (BpfGlobalVariable variable in Variables)
        {
            if (string.Equals(variable.Name, name, StringComparison.Ordinal))
            {
                return variable;
            }
        }

        return null;
    }

    /// <summary>
    /// Changes the size of the section, by changing the length of the array that is its last variable. Use it for arrays whose length is known only at run time.
    /// Existing elements keep their values; new elements are zero.
    /// </summary>
    /// <param name="size">The size of the whole section, in bytes.</param>
    /// <exception cref="BpfException">The last variable is not an array, or the size is not a multiple of its element size.</exception>
    public void Resize(int size)
    {
        BpfGlobalVariable last = Variables.Count > 0 ? Variables[Variables.Count - 1] : throw Refuse("BTF has no variables for it; compile with -g");
        BtfType array = Types![Types.SkipModifiers(last.TypeId)];
        if (array.Kind != BtfKind.Array || Types.SizeOf(array.Array.ElementTypeId) is not (> 0 and long element))
        {
            throw Refuse($"its last variable, {last.Name}, is not an array");
        }

        if (size <= last.Offset || (size - last.Offset) % element != 0)
        {
            throw Refuse($"its last variable, {last.Name}, begins at byte {last.Offset} and needs a whole number of elements of {element} bytes");
        }

        byte[] image = Bytes;
        Array.Resize(ref image, size);
        _image = image;
        Variables = [.. Variables.Take(Variables.Count - 1), last with { Size = size - last.Offset }];
        Size = size;
        IsResized = true;

        BpfException Refuse(string why) => new($"section {Name} of {ObjectName} cannot have {size} bytes: {why}", ObjectName, Name);
    }

    private Span<byte> At<T>(int offset)
        where T : unmanaged
    {
        int size = Unsafe.SizeOf<T>();
        if (offset < 0 || offset > Size - size)
        {
            throw new ArgumentOutOfRangeException(nameof(offset), offset, $"{size} bytes at this offset are not within section {Name}, which has {Size} bytes");
        }

        return Bytes.AsSpan(offset, size);
    }
}

/// <summary>A global variable in the C.</summary>
internal sealed record BpfGlobalVariable
{
    internal BpfGlobalVariable(string name, int offset, int size, int typeId, bool isStatic, int variableId = 0)
    {
        Name = name;
        Offset = offset;
        Size = size;
        TypeId = typeId;
        IsStatic = isStatic;
        VariableId = variableId;
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Its offset within the section, in bytes.</summary>
    public int Offset { get; }

    /// <summary>Its size in bytes.</summary>
    public int Size { get; init; }

    /// <summary>The ID of its type in <see cref="BpfObjectSpec.Btf"/>.</summary>
    public int TypeId { get; }

    /// <summary>True for <c>static</c> and <c>__hidden</c> variables, which generated classes do not expose.</summary>
    public bool IsStatic { get; }

    /// <summary>The ID of the variable itself, to which tags refer; 0 for an option of the kernel.</summary>
    internal int VariableId { get; }
}

/// <summary>
/// A global array before the object is loaded. Its elements can be changed, and also its length when it is the last variable of its section (such as a <c>.bss.x</c>
/// with one element per CPU).
/// </summary>
/// <typeparam name="T">The element type, with the same layout as in the C.</typeparam>
public sealed class BpfDataArraySpec<T>
    where T : unmanaged
{
    private readonly BpfDataSectionSpec _section;
    private readonly string _name;

    /// <summary>Creates a typed view of an array.</summary>
    /// <param name="section">The section that contains it.</param>
    /// <param name="name">Its name in C.</param>
    /// <exception cref="BpfException">The section has no such variable, or the size of the variable is not a multiple of the element size.</exception>
    public BpfDataArraySpec(BpfDataSectionSpec section, string name)
    {
        _section = section ?? throw new ArgumentNullException(nameof(section));
        _name = name;
        if (Variable.Size % Unsafe.SizeOf<T>() != 0)
        {
            throw new BpfException(
                $"variable {name} of {section.ObjectName} has {Variable.Size} bytes, which is not a multiple of the size of {typeof(T).Name} ({Unsafe.SizeOf<T>()})", section.ObjectName, name);
        }
    }

    /// <summary>The number of elements.</summary>
    public int Length => Variable.Size / Unsafe.SizeOf<T>();

    /// <summary>Gets or sets an element that will be loaded.</summary>
    /// <param name="index">Its index.</param>
    /// <exception cref="ArgumentOutOfRangeException">The array has no element with that index.</exception>
    public T this[int index]
    {
        get => _section.Read<T>(PlaceOf(index));
        set => _section.Write(PlaceOf(index), value);
    }

    /// <summary>Changes the length of the array. Existing elements keep their values; new elements are zero.</summary>
    /// <param name="length">The number of elements.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is not positive, or more than a section can contain.</exception>
    /// <exception cref="BpfException">The array is not the last variable of its section.</exception>
    public void Resize(int length)
    {
        BpfGlobalVariable variable = Variable;
        if (length <= 0 || length > (int.MaxValue - variable.Offset) / Unsafe.SizeOf<T>())
        {
            throw new ArgumentOutOfRangeException(nameof(length), length, "an array has at least one element, and a section is smaller than 2 GiB");
        }

        if (variable != _section.Variables[_section.Variables.Count - 1])
        {
            throw new BpfException($"variable {_name} of {_section.ObjectName} cannot be resized: it is not the last variable of section {_section.Name}", _section.ObjectName, _name);
        }

        _section.Resize(variable.Offset + (length * Unsafe.SizeOf<T>()));
    }

    // Looked up each time, because a resize replaces the record.
    private BpfGlobalVariable Variable => _section.FindVariable(_name)
        ?? throw new BpfException($"section {_section.Name} of {_section.ObjectName} has no variable '{_name}'", _section.ObjectName, _name);

    private int PlaceOf(int index)
    {
        BpfGlobalVariable variable = Variable;
        if (index < 0 || index >= variable.Size / Unsafe.SizeOf<T>())
        {
            throw new ArgumentOutOfRangeException(nameof(index), index, $"variable {_name} has {variable.Size / Unsafe.SizeOf<T>()} elements");
        }

        return variable.Offset + (index * Unsafe.SizeOf<T>());
    }
}
