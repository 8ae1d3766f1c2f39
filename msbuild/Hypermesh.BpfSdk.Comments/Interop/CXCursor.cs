using System.Runtime.CompilerServices;

namespace Hypermesh.BpfSdk.Comments.Interop;

/// <summary>A declaration in the C.</summary>
internal struct CXCursor
{
    public CXCursorKind kind;
    public int xdata;
    public data_e__FixedBuffer data;

    [InlineArray(3)]
    public struct data_e__FixedBuffer
    {
        public nint e0;
    }
}
