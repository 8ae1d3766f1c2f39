namespace Hypermesh.BpfSdk.Comments.Interop;

/// <summary>What a type is; the kinds that are looked at.</summary>
internal enum CXTypeKind
{
    CXType_Pointer = 101,
    CXType_ConstantArray = 112,
    CXType_IncompleteArray = 114,
}
