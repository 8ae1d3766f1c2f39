using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Objects;

/// <summary>A field of an operations table: a function, which a program stands in for, or a value.</summary>
public sealed class StructOpsMember
{
    private ProgramSpec? _program;

    internal StructOpsMember(StructOpsSpec owner, string name, BtfMember field, int offset, int size, bool isFunction)
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
    public int Offset { get; }

    /// <summary>Its size in bytes.</summary>
    public int Size { get; }

    /// <summary>True for a pointer to a function.</summary>
    public bool IsFunction { get; }

    /// <summary>The program that stands in, null for none. May be changed until the object is loaded.</summary>
    /// <exception cref="BpfException">The field is no function, or the program no <c>struct_ops</c> one of the same object.</exception>
    public ProgramSpec? Program
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

    internal StructOpsSpec Owner { get; }

    internal BtfMember Field { get; }

    /// <summary>The program the C puts here, whatever has been put here since.</summary>
    internal ProgramSpec? Declared { get; private set; }

    internal void Declare(ProgramSpec program)
    {
        Program = program;
        Declared = program;
    }
}
