namespace Hypermesh.Bpf.Objects;

/// <summary>How the C declares an option of the kernel's configuration.</summary>
public enum KernelConfigType
{
    /// <summary>One byte: <c>y</c>, <c>n</c> or <c>m</c> as a letter, or a small number.</summary>
    Character,

    /// <summary>A <c>bool</c>: <c>y</c> is true; an option that may be a module does not fit.</summary>
    Boolean,

    /// <summary>An integer of 2, 4 or 8 bytes.</summary>
    Integer,

    /// <summary><c>enum libbpf_tristate</c>: 0 no, 1 yes, 2 module.</summary>
    Tristate,

    /// <summary>An array of <c>char</c>: text without its quotes, cut to fit, ended by NUL.</summary>
    Text,
}
