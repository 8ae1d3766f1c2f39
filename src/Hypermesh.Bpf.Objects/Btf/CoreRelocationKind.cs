namespace Hypermesh.Bpf.Objects.Btf;

/// <summary>What a CO-RE relocation asks of the running kernel's types (<c>enum bpf_core_relo_kind</c>).</summary>
public enum CoreRelocationKind : uint
{
    /// <summary>Where a field begins, in bytes.</summary>
    FieldByteOffset = 0,

    /// <summary>How large a field is, in bytes.</summary>
    FieldByteSize = 1,

    /// <summary>Whether a field exists.</summary>
    FieldExists = 2,

    /// <summary>Whether a field is signed.</summary>
    FieldSigned = 3,

    /// <summary>By how much to shift a bitfield left in 64 bits.</summary>
    FieldLeftShift = 4,

    /// <summary>By how much to shift it right again.</summary>
    FieldRightShift = 5,

    /// <summary>The type's id in the object's own BTF.</summary>
    TypeIdLocal = 6,

    /// <summary>The type's id in the kernel's BTF.</summary>
    TypeIdTarget = 7,

    /// <summary>Whether a type exists.</summary>
    TypeExists = 8,

    /// <summary>How large a type is, in bytes.</summary>
    TypeSize = 9,

    /// <summary>Whether an enum constant exists.</summary>
    EnumValueExists = 10,

    /// <summary>What an enum constant's value is.</summary>
    EnumValue = 11,

    /// <summary>Whether a type has the same shape.</summary>
    TypeMatches = 12,
}
