namespace Hypermesh.BpfSdk.Comments.Interop;

/// <summary>A C file with all its includes; an opaque pointer.</summary>
internal struct CXTranslationUnitImpl;
