using System.Runtime.CompilerServices;

namespace Hypermesh.BpfSdk.Comments.Interop;

/// <summary>A range of the C.</summary>
internal struct CXSourceRange
{
    public ptr_data_e__FixedBuffer ptr_data;
    public uint begin_int_data;
    public uint end_int_data;

    [InlineArray(2)]
    public struct ptr_data_e__FixedBuffer
    {
        public nint e0;
    }
}
