namespace Hypermesh.Bpf.Objects.Btf;

/// <summary>What a BTF type is (<c>BTF_KIND_*</c>).</summary>
public enum BtfKind : byte
{
    /// <summary>No type: id 0.</summary>
    Void = 0,

    /// <summary>An integer, character or <c>_Bool</c>.</summary>
    Int = 1,

    /// <summary>A pointer.</summary>
    Pointer = 2,

    /// <summary>An array of a fixed count.</summary>
    Array = 3,

    /// <summary>A <c>struct</c>.</summary>
    Struct = 4,

    /// <summary>A <c>union</c>.</summary>
    Union = 5,

    /// <summary>An <c>enum</c> of up to 32 bits.</summary>
    Enum = 6,

    /// <summary>A <c>struct</c> or <c>union</c> that is only declared.</summary>
    Forward = 7,

    /// <summary>A <c>typedef</c>.</summary>
    Typedef = 8,

    /// <summary><c>volatile</c>.</summary>
    Volatile = 9,

    /// <summary><c>const</c>.</summary>
    Const = 10,

    /// <summary><c>restrict</c>.</summary>
    Restrict = 11,

    /// <summary>A function.</summary>
    Function = 12,

    /// <summary>A function's parameters and result.</summary>
    FunctionPrototype = 13,

    /// <summary>A global variable.</summary>
    Variable = 14,

    /// <summary>The variables of one ELF section.</summary>
    DataSection = 15,

    /// <summary>A floating-point number.</summary>
    Float = 16,

    /// <summary><c>btf_decl_tag</c> on a declaration.</summary>
    DeclarationTag = 17,

    /// <summary><c>btf_type_tag</c> on a pointer.</summary>
    TypeTag = 18,

    /// <summary>An <c>enum</c> of 64 bits.</summary>
    Enum64 = 19,
}
