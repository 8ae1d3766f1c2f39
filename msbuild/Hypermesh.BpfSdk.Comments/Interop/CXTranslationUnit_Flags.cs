namespace Hypermesh.BpfSdk.Comments.Interop;

/// <summary>Flags for reading a file; only the flags that are used.</summary>
[Flags]
internal enum CXTranslationUnit_Flags
{
    CXTranslationUnit_None = 0,
    CXTranslationUnit_KeepGoing = 0x200,
}
