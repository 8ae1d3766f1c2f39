using System.Runtime.InteropServices;

namespace Hypermesh.Bpf.Testing;

/// <summary>
/// The context of traffic control programs and socket filters (<c>struct __sk_buff</c> of <c>linux/bpf.h</c>), for <c>TestRun</c> (5.2). It has only the fields that the
/// kernel accepts; the bytes between them stay 0.
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

    /// <summary>The index of the device that it arrived on (5.10); 0 for none.</summary>
    [FieldOffset(36)]
    public uint IngressIfIndex;

    /// <summary>The index of its current device (5.7); 0 for the loopback.</summary>
    [FieldOffset(40)]
    public uint IfIndex;

    /// <summary>The first of five words that programs pass to each other.</summary>
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

    /// <summary>The length on the wire, of all segments together; 0 for that of the packet.</summary>
    [FieldOffset(160)]
    public uint WireLength;

    /// <summary>The number of its segments.</summary>
    [FieldOffset(164)]
    public uint GsoSegments;

    /// <summary>The length of each segment.</summary>
    [FieldOffset(176)]
    public uint GsoSize;

    /// <summary>The hardware's time stamp (5.16).</summary>
    [FieldOffset(184)]
    public ulong HardwareTimeStamp;
}
