using System.Runtime.InteropServices;

namespace Hypermesh.BpfSdk.Comments.Interop;

/// <summary>Text that belongs to libclang until it is disposed of.</summary>
internal unsafe struct CXString : IDisposable
{
    public void* data;
    public uint private_flags;

    /// <summary>The text; empty where there is none.</summary>
    public readonly string CString => Marshal.PtrToStringUTF8((nint)clang.getCString(this)) ?? "";

    public readonly void Dispose() => clang.disposeString(this);

    public override readonly string ToString() => CString;
}
