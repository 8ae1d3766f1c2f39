namespace Hypermesh.Bpf.Objects.Btf;

/// <summary>How an integer is meant (<c>BTF_INT_*</c>).</summary>
[Flags]
public enum BtfIntEncoding : byte
{
    /// <summary>An unsigned number.</summary>
    None = 0,

    /// <summary>A signed number.</summary>
    Signed = 1,

    /// <summary>A character.</summary>
    Char = 2,

    /// <summary>A <c>_Bool</c>.</summary>
    Bool = 4,
}
