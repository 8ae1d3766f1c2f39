using System.Buffers.Binary;

namespace Hypermesh.Bpf;

/// <summary>The clsact discipline of a device (4.5) and its filters: the numbers rtnetlink has for them.</summary>
internal static class Clsact
{
    internal const ushort Kind = 1;
    internal const ushort Options = 2;

    private const uint Discipline = 0xffff0000;
    private const uint Parent = 0xfffffff1;
    private const uint IngressParent = 0xfffffff2;
    private const uint EgressParent = 0xfffffff3;
    private const int AllProtocols = 3;

    internal static NetlinkResult Create(NetlinkSocket socket, NetworkDevice device)
        => socket.Ask(new NetlinkMessage(
            NetlinkType.NewDiscipline, NetlinkFlags.Create | NetlinkFlags.Exclusive, RouteMessages.Traffic(device.Index, Discipline, Parent, 0))
            .Add(Kind, "clsact"));

    internal static NetlinkResult Remove(NetlinkSocket socket, NetworkDevice device)
        => socket.Ask(new NetlinkMessage(NetlinkType.DeleteDiscipline, NetlinkFlags.None, RouteMessages.Traffic(device.Index, Discipline, Parent, 0))
            .Add(Kind, "clsact"));

    /// <summary>The structure of messages about one filter, or, without priority, all of a direction.</summary>
    internal static byte[] Filter(NetworkDevice device, TcxDirection direction, ushort priority, uint handle)
        => RouteMessages.Traffic(
            device.Index, handle, direction == TcxDirection.Ingress ? IngressParent : EgressParent,
            ((uint)priority << 16) | BinaryPrimitives.ReverseEndianness((ushort)AllProtocols));

    /// <summary>The handle and the priority of a filter in an answer.</summary>
    internal static (uint Handle, ushort Priority) Read(ReadOnlySpan<byte> body)
        => (BinaryPrimitives.ReadUInt32LittleEndian(body[8..]), (ushort)(BinaryPrimitives.ReadUInt32LittleEndian(body[16..]) >> 16));
}
