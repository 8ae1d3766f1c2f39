using System.Diagnostics;
using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Objects.Spec;

/// <summary>A symbol or option that the C declares <c>extern</c> and the running kernel must provide.</summary>
[DebuggerDisplay("{Kind} {Name}")]
internal sealed class BpfExternSpec
{
    internal BpfExternSpec(string name, BpfExternKind kind, bool isWeak, int typeId, int symbolIndex)
    {
        Name = name;
        Kind = kind;
        IsWeak = isWeak;
        TypeId = typeId;
        SymbolIndex = symbolIndex;
    }

    /// <summary>Its name in C.</summary>
    public string Name { get; }

    /// <summary>Its name in the kernel, which for functions has no flavour (<c>bpf_task_release___old</c> is <c>bpf_task_release</c>).</summary>
    public string KernelName => Kind == BpfExternKind.Function
        ? FormatReader.Utf8(BtfName.Essential(System.Text.Encoding.UTF8.GetBytes(Name)))
        : Name;

    /// <summary>Its kind.</summary>
    public BpfExternKind Kind { get; }

    /// <summary>True for <c>__weak</c>: when the kernel does not have it, its value is 0 and the load continues.</summary>
    public bool IsWeak { get; }

    /// <summary>The ID of the variable or function in the object's BTF.</summary>
    internal int TypeId { get; }

    /// <summary>Its value in <c>.kconfig</c>; null for the other kinds.</summary>
    internal KernelConfigVariable? Config { get; set; }

    internal int SymbolIndex { get; }

    /// <summary>Its index among the externs of its object, by which a loader identifies it in the verifier's log.</summary>
    internal int Number { get; set; }

    /// <summary>True when it is looked up in the kernel's BTF.</summary>
    internal bool IsTyped => Kind is BpfExternKind.Variable or BpfExternKind.Function;
}

/// <summary>The kind of an <c>extern</c> in the C.</summary>
internal enum BpfExternKind
{
    /// <summary>An option of the kernel's configuration, or a virtual one of the loader (<c>__kconfig</c>).</summary>
    KernelConfig,

    /// <summary>The address of a kernel symbol, without a type (<c>extern const void NAME __ksym</c>).</summary>
    Address,

    /// <summary>A variable of the kernel or of a module, with its type.</summary>
    Variable,

    /// <summary>A kernel function that programs may call (kfunc).</summary>
    Function,
}
