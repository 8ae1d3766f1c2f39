using System.Buffers.Binary;

namespace Hypermesh.Bpf.Network.Netlink;

/// <summary>The structures at the start of rtnetlink's messages.</summary>
internal static class RouteMessages
{
    internal const int LinkSize = 16;
    internal const int TrafficSize = 20;
    internal const int RouteSize = 12;

    /// <summary><c>struct ifinfomsg</c></summary>
    internal static byte[] Link(int index)
    {
        byte[] body = new byte[LinkSize];
        BinaryPrimitives.WriteInt32LittleEndian(body.AsSpan(4), index);
        return body;
    }

    /// <summary><c>struct tcmsg</c></summary>
    internal static byte[] Traffic(int index, uint handle, uint parent, uint info)
    {
        byte[] body = new byte[TrafficSize];
        BinaryPrimitives.WriteInt32LittleEndian(body.AsSpan(4), index);
        BinaryPrimitives.WriteUInt32LittleEndian(body.AsSpan(8), handle);
        BinaryPrimitives.WriteUInt32LittleEndian(body.AsSpan(12), parent);
        BinaryPrimitives.WriteUInt32LittleEndian(body.AsSpan(16), info);
        return body;
    }

    /// <summary><c>struct rtmsg</c>, of the main table.</summary>
    internal static byte[] Route(byte family, byte prefixLength, byte scope, byte type)
    {
        const byte MainTable = 254;
        const byte ByAdministrator = 4;
        return [family, prefixLength, 0, 0, MainTable, ByAdministrator, scope, type, 0, 0, 0, 0];
    }
}
