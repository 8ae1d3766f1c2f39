namespace Hypermesh.Bpf.Objects;

/// <summary>What an <c>extern</c> of the C stands for.</summary>
public enum ExternKind
{
    /// <summary>An option of the kernel's configuration, or a virtual one of the loader (<c>__kconfig</c>).</summary>
    KernelConfig,

    /// <summary>The address of a kernel symbol, without a type (<c>extern const void NAME __ksym</c>).</summary>
    Address,

    /// <summary>A variable of the kernel or of a module, with its type.</summary>
    Variable,

    /// <summary>A kernel function programs may call (kfunc).</summary>
    Function,
}
