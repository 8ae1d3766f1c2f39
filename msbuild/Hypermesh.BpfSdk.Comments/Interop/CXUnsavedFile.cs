namespace Hypermesh.BpfSdk.Comments.Interop;

/// <summary>A file with unsaved changes in an editor; not used here.</summary>
internal unsafe struct CXUnsavedFile
{
    public sbyte* Filename;
    public sbyte* Contents;
    public nuint Length;
}
