using System.Runtime.CompilerServices;

namespace Hypermesh.Bpf.Objects;

/// <summary>
/// A global array before the object is loaded: its elements, and its length where it is the last variable of its section (a <c>.bss.x</c> sized by the number of
/// CPUs, for one).
/// </summary>
/// <typeparam name="T">An element's type, laid out as the C has it.</typeparam>
public sealed class DataArraySpec<T>
    where T : unmanaged
{
    private readonly DataSectionSpec _section;
    private readonly string _name;

    /// <summary>Looks at an array through its element's type.</summary>
    /// <param name="section">The section it is in.</param>
    /// <param name="name">Its name in C.</param>
    /// <exception cref="BpfException">The section has no such variable, or the variable is no whole number of elements.</exception>
    public DataArraySpec(DataSectionSpec section, string name)
    {
        _section = section ?? throw new ArgumentNullException(nameof(section));
        _name = name;
        if (Variable.Size % Unsafe.SizeOf<T>() != 0)
        {
            throw new BpfException(
                $"variable {name} of {section.ObjectName} has {Variable.Size} bytes, no whole number of {typeof(T).Name}s of {Unsafe.SizeOf<T>()}", section.ObjectName, name);
        }
    }

    /// <summary>How many elements there are.</summary>
    public int Length => Variable.Size / Unsafe.SizeOf<T>();

    /// <summary>An element as it will be loaded.</summary>
    /// <param name="index">Its index.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such element.</exception>
    public T this[int index]
    {
        get => _section.Read<T>(PlaceOf(index));
        set => _section.Write(PlaceOf(index), value);
    }

    /// <summary>Gives the array another length. What was there stays, what is new is zero.</summary>
    /// <param name="length">How many elements.</param>
    /// <exception cref="ArgumentOutOfRangeException">That is none at all, or more than a section can hold.</exception>
    /// <exception cref="BpfException">The array is not the last variable of its section.</exception>
    public void Resize(int length)
    {
        GlobalVariable variable = Variable;
        if (length <= 0 || length > (int.MaxValue - variable.Offset) / Unsafe.SizeOf<T>())
        {
            throw new ArgumentOutOfRangeException(nameof(length), length, "an array has at least one element, and a section fewer than 2 GiB");
        }

        if (variable != _section.Variables[_section.Variables.Count - 1])
        {
            throw new BpfException($"variable {_name} of {_section.ObjectName} cannot have another length: it is not the last of section {_section.Name}", _section.ObjectName, _name);
        }

        _section.Resize(variable.Offset + (length * Unsafe.SizeOf<T>()));
    }

    // Asked for each time: a resize makes it another.
    private GlobalVariable Variable => _section.FindVariable(_name)
        ?? throw new BpfException($"section {_section.Name} of {_section.ObjectName} has no variable '{_name}'", _section.ObjectName, _name);

    private int PlaceOf(int index)
    {
        GlobalVariable variable = Variable;
        if (index < 0 || index >= variable.Size / Unsafe.SizeOf<T>())
        {
            throw new ArgumentOutOfRangeException(nameof(index), index, $"variable {_name} has {variable.Size / Unsafe.SizeOf<T>()} elements");
        }

        return variable.Offset + (index * Unsafe.SizeOf<T>());
    }
}
