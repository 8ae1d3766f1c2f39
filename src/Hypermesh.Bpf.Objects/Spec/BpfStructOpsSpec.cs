using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Objects;

/// <summary>
/// A struct_ops map the kernel calls (<c>SEC(".struct_ops")</c>, <c>SEC(".struct_ops.link")</c>), such as a TCP congestion control: values, and programs in place of
/// functions. What has a setter may be changed until the object is loaded.
/// </summary>
public sealed class BpfStructOpsSpec
{
    private readonly byte[] _image;

    internal BpfStructOpsSpec(string objectName, string name, string typeName, int typeId, bool isLink, byte[] image)
    {
        ObjectName = objectName;
        Name = name;
        TypeName = typeName;
        TypeId = typeId;
        IsLink = isLink;
        _image = image;
    }

    /// <summary>The object it belongs to.</summary>
    public string ObjectName { get; }

    /// <summary>The variable's name in C; the kernel's map is called so.</summary>
    public string Name { get; }

    /// <summary>The struct's name in C; a flavour behind three underscores does not count.</summary>
    public string TypeName { get; }

    /// <summary>The struct's id in the object's BTF.</summary>
    internal int TypeId { get; }

    /// <summary>True when it is registered by a link (6.4), which can be updated and ends with its last descriptor; else by the map alone.</summary>
    public bool IsLink { get; }

    /// <summary>False to leave it out, and with it the programs only it uses; so from the start for <c>SEC("?.struct_ops")</c>.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>The fields, in the order of the object's own struct. Unnamed ones are not among them.</summary>
    public IReadOnlyList<BpfStructOpsMember> Members { get; internal set; } = [];

    /// <summary>The values as they will be registered; what stands in the place of functions does not count.</summary>
    internal ReadOnlySpan<byte> Image => _image;

    /// <summary>Finds a field.</summary>
    /// <param name="name">Its name in C.</param>
    /// <returns>The field.</returns>
    /// <exception cref="BpfException">The struct has no member with that name.</exception>
    public BpfStructOpsMember Member(string name)
        => Members.FirstOrDefault(member => string.Equals(member.Name, name, StringComparison.Ordinal))
            ?? throw new BpfException($"{TypeName} {Name} of {ObjectName} has no field '{name}'; it has {string.Join(", ", Members.Select(static member => member.Name))}", ObjectName, Name);

    /// <summary>Reads a value as it will be registered.</summary>
    /// <typeparam name="T">A type of the field's size.</typeparam>
    /// <param name="name">The field.</param>
    /// <returns>The value.</returns>
    /// <exception cref="BpfException">There is no such field, it is a function, or it has another size.</exception>
    public T Read<T>(string name)
        where T : unmanaged
        => MemoryMarshal.Read<T>(_image.AsSpan(ValueOf(name, Unsafe.SizeOf<T>()).Offset));

    /// <summary>Changes a value.</summary>
    /// <typeparam name="T">A type of the field's size.</typeparam>
    /// <param name="name">The field.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="BpfException">There is no such field, it is a function, or it has another size.</exception>
    public void Write<T>(string name, T value)
        where T : unmanaged
    {
        T[] values = [value];
        MemoryMarshal.AsBytes(values.AsSpan()).CopyTo(_image.AsSpan(ValueOf(name, Unsafe.SizeOf<T>()).Offset));
    }

    private BpfStructOpsMember ValueOf(string name, int size)
    {
        BpfStructOpsMember member = Member(name);
        return !member.IsFunction && member.Size == size
            ? member
            : throw new BpfException(
                $"field {name} of {TypeName} {Name} is {(member.IsFunction ? "a function: set its Program" : $"{member.Size} bytes, not {size}")}", ObjectName, Name);
    }

    internal void Check(BpfStructOpsMember member, BpfProgramSpec program)
    {
        if (!member.IsFunction)
        {
            throw new BpfException($"field {member.Name} of {TypeName} {Name} is not a function and cannot be a program", ObjectName, Name);
        }

        if (program.Type != BpfProgramType.StructOps || program.ObjectName != ObjectName)
        {
            throw new BpfException(
                $"program {program.Name} of {program.ObjectName} cannot be field {member.Name} of {TypeName} {Name}: only programs of the same object in SEC(\"struct_ops\") can", ObjectName, Name);
        }
    }
}

/// <summary>A field of a struct_ops map: a function, which a program stands in for, or a value.</summary>
public sealed class BpfStructOpsMember
{
    private BpfProgramSpec? _program;

    internal BpfStructOpsMember(BpfStructOpsSpec owner, string name, BtfMember field, int offset, int size, bool isFunction)
    {
        Owner = owner;
        Name = name;
        Field = field;
        Offset = offset;
        Size = size;
        IsFunction = isFunction;
    }

    /// <summary>Its name in C.</summary>
    public string Name { get; }

    /// <summary>Where it lies in the object's own struct, in bytes. The kernel's may differ; fields are matched by name.</summary>
    internal int Offset { get; }

    /// <summary>Its size in bytes.</summary>
    public int Size { get; }

    /// <summary>True for a pointer to a function.</summary>
    public bool IsFunction { get; }

    /// <summary>The program that stands in, null for none. May be changed until the object is loaded.</summary>
    /// <exception cref="BpfException">The field is not a function, or the program is not a <c>struct_ops</c> program of the same object.</exception>
    public BpfProgramSpec? Program
    {
        get => _program;
        set
        {
            if (value is not null)
            {
                Owner.Check(this, value);
            }

            _program = value;
        }
    }

    internal BpfStructOpsSpec Owner { get; }

    internal BtfMember Field { get; }

    /// <summary>The program the C puts here, whatever has been put here since.</summary>
    internal BpfProgramSpec? Declared { get; private set; }

    internal void Declare(BpfProgramSpec program)
    {
        Program = program;
        Declared = program;
    }
}

/// <summary>A place in the kernel's form of a table that takes a program.</summary>
/// <param name="Program">The program.</param>
/// <param name="MemberIndex">The field's number in the kernel's struct: what the program is loaded for.</param>
/// <param name="Offset">The place of its descriptor in the map's value, in bytes.</param>
internal readonly record struct StructOpsSlot(BpfProgramSpec Program, int MemberIndex, int Offset);
