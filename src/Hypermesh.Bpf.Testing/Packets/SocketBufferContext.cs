using System.Runtime.InteropServices;

namespace Hypermesh.Bpf.Testing;

/// <summary>
/// What programs of traffic control and socket filters get (<c>struct __sk_buff</c> of <c>linux/bpf.h</c>), to give to <c>TestRun</c> (5.2). Only the fields that the
/// kernel takes are here; the rest lies between them and stays 0.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 192)]
public struct SocketBufferContext
{
    /// <summary>The mark (5.7).</summary>
    [FieldOffset(8)]
    public uint Mark;

    /// <summary>The priority.</summary>
    [FieldOffset(32)]
    public uint Priority;

    /// <summary>The index of the device it came in by (5.10); 0 for none.</summary>
    [FieldOffset(36)]
    public uint IngressIfIndex;

    /// <summary>The index of the device it is at (5.7); 0 for the loopback.</summary>
    [FieldOffset(40)]
    public uint IfIndex;

    /// <summary>The first of five words that programs hand to each other.</summary>
    [FieldOffset(48)]
    public uint Cb0;

    /// <summary>The second of them.</summary>
    [FieldOffset(52)]
    public uint Cb1;

    /// <summary>The third of them.</summary>
    [FieldOffset(56)]
    public uint Cb2;

    /// <summary>The fourth of them.</summary>
    [FieldOffset(60)]
    public uint Cb3;

    /// <summary>The fifth of them.</summary>
    [FieldOffset(64)]
    public uint Cb4;

    /// <summary>The time stamp in nanoseconds.</summary>
    [FieldOffset(152)]
    public ulong TimeStamp;

    /// <summary>The length on the wire, of all parts together; 0 for that of the packet.</summary>
    [FieldOffset(160)]
    public uint WireLength;

    /// <summary>Of how many parts it is.</summary>
    [FieldOffset(164)]
    public uint GsoSegments;

    /// <summary>How long each part is.</summary>
    [FieldOffset(176)]
    public uint GsoSize;

    /// <summary>The hardware's time stamp (5.16).</summary>
    [FieldOffset(184)]
    public ulong HardwareTimeStamp;
}
