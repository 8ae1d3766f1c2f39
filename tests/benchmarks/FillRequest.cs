using System.Runtime.InteropServices;

namespace Hypermesh.Bpf.Benchmarks;

/// <summary>The context of the program that fills the ring: <c>struct fill</c> of bench.bpf.c.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FillRequest
{
    /// <summary>How many records to write.</summary>
    public uint Wanted;

    /// <summary>How many there was room for.</summary>
    public uint Written;
}
