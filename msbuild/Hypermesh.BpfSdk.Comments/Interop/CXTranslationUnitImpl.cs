namespace Hypermesh.BpfSdk.Comments.Interop;

/// <summary>A C file with all it includes, read; known by its address only.</summary>
internal struct CXTranslationUnitImpl;
