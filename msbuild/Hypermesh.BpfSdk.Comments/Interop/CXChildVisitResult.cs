namespace Hypermesh.BpfSdk.Comments.Interop;

/// <summary>Tells a visit where to continue.</summary>
internal enum CXChildVisitResult
{
    CXChildVisit_Break,
    CXChildVisit_Continue,
    CXChildVisit_Recurse,
}
