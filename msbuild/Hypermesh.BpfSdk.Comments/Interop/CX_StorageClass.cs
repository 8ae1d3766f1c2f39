namespace Hypermesh.BpfSdk.Comments.Interop;

/// <summary>The storage class of a declaration; only the classes that are used.</summary>
internal enum CX_StorageClass
{
    CX_SC_Static = 3,
}
