using Hypermesh.Bpf.Objects.Btf;

namespace Hypermesh.Bpf.Objects.Relocation;

/// <summary>The three families of relocation kinds, and the kinds' names as C writes them (<c>BPF_CORE_*</c>).</summary>
internal static class CoreKinds
{
    public static bool IsFieldBased(this CoreRelocationKind kind) => kind <= CoreRelocationKind.FieldRightShift;

    public static bool IsTypeBased(this CoreRelocationKind kind)
        => kind is (>= CoreRelocationKind.TypeIdLocal and <= CoreRelocationKind.TypeSize) or CoreRelocationKind.TypeMatches;

    public static bool IsEnumBased(this CoreRelocationKind kind) => kind is CoreRelocationKind.EnumValueExists or CoreRelocationKind.EnumValue;

    public static string KernelName(this CoreRelocationKind kind) => kind switch
    {
        CoreRelocationKind.FieldByteOffset => "field_byte_offset",
        CoreRelocationKind.FieldByteSize => "field_byte_size",
        CoreRelocationKind.FieldExists => "field_exists",
        CoreRelocationKind.FieldSigned => "field_signed",
        CoreRelocationKind.FieldLeftShift => "field_lshift_u64",
        CoreRelocationKind.FieldRightShift => "field_rshift_u64",
        CoreRelocationKind.TypeIdLocal => "type_id_local",
        CoreRelocationKind.TypeIdTarget => "type_id_target",
        CoreRelocationKind.TypeExists => "type_exists",
        CoreRelocationKind.TypeSize => "type_size",
        CoreRelocationKind.EnumValueExists => "enumval_exists",
        CoreRelocationKind.EnumValue => "enumval_value",
        CoreRelocationKind.TypeMatches => "type_matches",
        _ => $"kind {(uint)kind}",
    };
}
