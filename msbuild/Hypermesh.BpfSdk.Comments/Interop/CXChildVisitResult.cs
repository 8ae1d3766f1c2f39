namespace Hypermesh.BpfSdk.Comments.Interop;

/// <summary>Where a walk goes on.</summary>
internal enum CXChildVisitResult
{
    CXChildVisit_Break,
    CXChildVisit_Continue,
    CXChildVisit_Recurse,
}
