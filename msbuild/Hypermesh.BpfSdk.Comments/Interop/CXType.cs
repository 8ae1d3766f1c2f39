using System.Runtime.CompilerServices;

namespace Hypermesh.BpfSdk.Comments.Interop;

/// <summary>A type of the C.</summary>
internal struct CXType
{
    public CXTypeKind kind;
    public data_e__FixedBuffer data;

    [InlineArray(2)]
    public struct data_e__FixedBuffer
    {
        public nint e0;
    }
}
