namespace Hypermesh.BpfSdk.Comments.Interop;

/// <summary>The kind of a type; only the kinds that are used.</summary>
internal enum CXTypeKind
{
    CXType_Void = 2,
    CXType_Int = 17,
    CXType_Pointer = 101,
    CXType_Record = 105,
    CXType_FunctionProto = 111,
    CXType_ConstantArray = 112,
    CXType_IncompleteArray = 114,
}
