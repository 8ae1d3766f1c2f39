using System.Runtime.InteropServices;

namespace Hypermesh.Bpf.Testing;

/// <summary>The context of XDP programs (<c>struct xdp_md</c> of <c>linux/bpf.h</c>), for <c>TestRun</c> (5.15). Fields that the kernel does not accept stay 0.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct XdpContext
{
    /// <summary>The start of the packet in the data: the number of bytes of metadata before it.</summary>
    public uint Data;

    /// <summary>The end of the packet: the number of bytes of the data.</summary>
    public uint DataEnd;

    /// <summary>The start of its metadata; 0.</summary>
    public uint DataMeta;

    /// <summary>The index of the device that it arrived on, in this network namespace; 0 for none.</summary>
    public uint IngressIfIndex;

    /// <summary>The receive queue of that device.</summary>
    public uint RxQueueIndex;

    /// <summary>The index of the device that it leaves by, for programs of device maps; 0 here.</summary>
    public uint EgressIfIndex;

    /// <summary>Creates the context of a packet without metadata.</summary>
    /// <param name="packet">The packet.</param>
    public static XdpContext Of(ReadOnlySpan<byte> packet) => new() { DataEnd = (uint)packet.Length };
}
