using System.Runtime.CompilerServices;

namespace Hypermesh.BpfSdk.Comments.Interop;

/// <summary>A place in the C.</summary>
internal struct CXSourceLocation
{
    public ptr_data_e__FixedBuffer ptr_data;
    public uint int_data;

    [InlineArray(2)]
    public struct ptr_data_e__FixedBuffer
    {
        public nint e0;
    }
}
