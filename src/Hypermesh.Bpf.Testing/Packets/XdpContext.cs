using System.Runtime.InteropServices;

namespace Hypermesh.Bpf.Testing;

/// <summary>What XDP programs get (<c>struct xdp_md</c> of <c>linux/bpf.h</c>), to give to <c>TestRun</c> (5.15). Fields the kernel takes nothing for stay 0.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct XdpContext
{
    /// <summary>Where the packet begins in what is given as data: how many bytes of it are metadata in front.</summary>
    public uint Data;

    /// <summary>Where it ends: how many bytes are given in all.</summary>
    public uint DataEnd;

    /// <summary>Where its metadata begins; 0.</summary>
    public uint DataMeta;

    /// <summary>The index of the device it came in by, one of this network namespace; 0 for none.</summary>
    public uint IngressIfIndex;

    /// <summary>The receive queue it came by, one the device has.</summary>
    public uint RxQueueIndex;

    /// <summary>The index of the device it is to leave by; read by programs of device maps, and 0 here.</summary>
    public uint EgressIfIndex;

    /// <summary>The context of a packet without metadata.</summary>
    /// <param name="packet">The packet.</param>
    public static XdpContext Of(ReadOnlySpan<byte> packet) => new() { DataEnd = (uint)packet.Length };
}
