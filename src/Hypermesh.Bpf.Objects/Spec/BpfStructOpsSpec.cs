using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Objects;

/// <summary>
/// A struct_ops map (<c>SEC(".struct_ops")</c>, <c>SEC(".struct_ops.link")</c>), such as a TCP congestion control. Its members are values, and programs that the kernel
/// calls as functions. Properties with a setter can be changed until the object is loaded.
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

    /// <summary>The name of its object.</summary>
    public string ObjectName { get; }

    /// <summary>The variable's name in C, which is also the name of the kernel's map.</summary>
    public string Name { get; }

    /// <summary>The struct's name in C; the kernel's struct has this name without a flavour (the part after three underscores).</summary>
    public string TypeName { get; }

    /// <summary>The ID of the struct in the object's BTF.</summary>
    internal int TypeId { get; }

    /// <summary>True when it is registered by a link (6.4), which can be updated and is removed with its last reference; else it is registered by the map alone.</summary>
    public bool IsLink { get; }

    /// <summary>Set to false to omit it and the programs that only it uses; initially false for <c>SEC("?.struct_ops")</c>.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>The struct members, in the order of the object's own struct, without unnamed ones.</summary>
    public IReadOnlyList<BpfStructOpsMember> Members { get; internal set; } = [];

    /// <summary>The values that will be registered; the bytes of function members are ignored.</summary>
    internal ReadOnlySpan<byte> Image => _image;

    /// <summary>Returns a struct member by its name.</summary>
    /// <param name="name">Its name in C.</param>
    /// <returns>The member.</returns>
    /// <exception cref="BpfException">The struct has no member with that name.</exception>
    public BpfStructOpsMember Member(string name)
        => Members.FirstOrDefault(member => string.Equals(member.Name, name, StringComparison.Ordinal))
            ?? throw new BpfException($"{TypeName} {Name} of {ObjectName} has no field '{name}'; it has {string.Join(", ", Members.Select(static member => member.Name))}", ObjectName, Name);

    /// <summary>Reads a value that will be registered.</summary>
    /// <typeparam name="T">A type with the size of the member.</typeparam>
    /// <param name="name">The name of the member in C.</param>
    /// <returns>The value.</returns>
    /// <exception cref="BpfException">The struct has no such member, the member is a function, or its size differs.</exception>
    public T Read<T>(string name)
        where T : unmanaged
        => MemoryMarshal.Read<T>(_image.AsSpan(ValueOf(name, Unsafe.SizeOf<T>()).Offset));

    /// <summary>Changes a value.</summary>
    /// <typeparam name="T">A type with the size of the member.</typeparam>
    /// <param name="name">The name of the member in C.</param>
    /// <param name="value">The value.</param>
    /// <exception cref="BpfException">The struct has no such member, the member is a function, or its size differs.</exception>
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
                $"field {name} of {TypeName} {Name} is {(member.IsFunction ? "a function: set its Program" : $"of {member.Size} bytes, not {size}")}", ObjectName, Name);
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

/// <summary>A struct member of a struct_ops map: a function, which a program can implement, or a value.</summary>
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

    /// <summary>Its offset in the object's own struct, in bytes. The offset in the kernel's struct may differ, because members are matched by name.</summary>
    internal int Offset { get; }

    /// <summary>Its size in bytes.</summary>
    public int Size { get; }

    /// <summary>True for a pointer to a function.</summary>
    public bool IsFunction { get; }

    /// <summary>The program that implements the function; null for none. It can be changed until the object is loaded.</summary>
    /// <exception cref="BpfException">The member is not a function, or the program is not a <c>struct_ops</c> program of the same object.</exception>
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

    /// <summary>The program that the C assigns to this member, even when <see cref="Program"/> was changed.</summary>
    internal BpfProgramSpec? Declared { get; private set; }

    internal void Declare(BpfProgramSpec program)
    {
        Program = program;
        Declared = program;
    }
}

/// <summary>A function member in the kernel's layout of a struct_ops map.</summary>
/// <param name="Program">The program.</param>
/// <param name="MemberIndex">The index of the member in the kernel's struct, for which the program is loaded.</param>
/// <param name="Offset">The offset of the program's descriptor in the map's value, in bytes.</param>
internal readonly record struct StructOpsFunction(BpfProgramSpec Program, int MemberIndex, int Offset);
