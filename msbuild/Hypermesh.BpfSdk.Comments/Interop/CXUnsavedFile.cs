namespace Hypermesh.BpfSdk.Comments.Interop;

/// <summary>A file that an editor holds; there is none here.</summary>
internal unsafe struct CXUnsavedFile
{
    public sbyte* Filename;
    public sbyte* Contents;
    public nuint Length;
}
