using System.Buffers.Binary;
using Hypermesh.Bpf.Errors;
using Hypermesh.Bpf.Network.Netlink;

namespace Hypermesh.Bpf;

/// <summary>A BPF filter of a device's clsact (or ingress) qdisc.</summary>
/// <param name="Priority">Its priority: the filter with the lowest number runs first.</param>
/// <param name="Handle">Its handle among the filters with its priority.</param>
/// <param name="ProgramId">The kernel's ID of the program.</param>
/// <param name="Name">Its name, usually that of the program.</param>
/// <param name="IsDirectAction">True if the program's return value is the action for the packet.</param>
public sealed record TcFilter(ushort Priority, uint Handle, uint ProgramId, string Name, bool IsDirectAction);

/// <summary>Options for attaching a program as a filter of a device's clsact qdisc.</summary>
public sealed record TcFilterOptions
{
    /// <summary>Its priority: the filter with the lowest number runs first; 0 lets the kernel choose one before all others.</summary>
    public ushort Priority { get; init; }

    /// <summary>Its handle among the filters with that priority; 0 lets the kernel choose.</summary>
    public uint Handle { get; init; }

    /// <summary>True to replace the filter with this priority and handle; with false, attaching fails if there is one.</summary>
    public bool Replace { get; init; }

    /// <summary>True to create the clsact qdisc if the device has none. Detaching does not remove it, because others may use it (<see cref="NetworkDevice.RemoveClsact"/>).</summary>
    public bool CreateClsact { get; init; } = true;
}

/// <summary>Queries the BPF filters of a device's clsact qdisc (RTM_GETTFILTER).</summary>
internal static class TcFilterQuery
{
    private const ushort Name = 7;
    private const ushort Flags = 8;
    private const ushort ProgramId = 11;
    private const int DirectAction = 1;

    internal static List<TcFilter> Run(IKernel kernel, NetworkDevice device, PacketDirection direction)
    {
        using NetlinkSocket socket = NetlinkSocket.TryOpen(kernel, out long opened)
            ?? throw KernelErrors.Of(kernel, "socket", opened, $"Listing the filters of {device}");
        var found = new List<TcFilter>();
        byte[] all = Clsact.Filter(device, direction, priority: 0, handle: 0);
        all.AsSpan(16).Clear();
        NetlinkResult answer = socket.Ask(new NetlinkMessage(NetlinkType.GetFilter, NetlinkFlags.Dump, all), (type, body) =>
        {
            if (type == NetlinkType.NewFilter && body.Length >= RouteMessages.TrafficSize && Read(body) is { } filter)
            {
                found.Add(filter);
            }
        });

        // A device without the qdisc has no filters.
        return answer.Result is >= 0 or -Errno.EINVAL or -Errno.ENOENT
            ? found
            : throw KernelErrors.Of(kernel, "RTM_GETTFILTER", answer.Result, $"Listing the filters of {device}", detail: answer.Result == -Errno.ENODEV ? device.Gone : answer.Quote);
    }

    // The kernel reports each priority once without a filter in it.
    private static TcFilter? Read(ReadOnlySpan<byte> body)
    {
        (uint handle, ushort priority) = Clsact.Read(body);
        ReadOnlySpan<byte> attributes = body[RouteMessages.TrafficSize..];
        if (handle == 0 || !NetlinkAttributes.Find(attributes, Clsact.Kind).TrimEnd((byte)0).SequenceEqual("bpf"u8))
        {
            return null;
        }

        uint program = 0;
        string name = "";
        int flags = 0;
        var options = new NetlinkAttributes(NetlinkAttributes.Find(attributes, Clsact.Options));
        while (options.MoveNext())
        {
            program = options.Type == ProgramId ? (uint)options.Int32 : program;
            name = options.Type == Name ? options.Text : name;
            flags = options.Type == Flags ? options.Int32 : flags;
        }

        return new TcFilter(priority, handle, program, name, (flags & DirectAction) != 0);
    }
}

/// <summary>The rtnetlink numbers of a device's clsact qdisc (4.5) and its filters.</summary>
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

    /// <summary>The structure of messages about one filter, or, without a priority, about all filters of a direction.</summary>
    internal static byte[] Filter(NetworkDevice device, PacketDirection direction, ushort priority, uint handle)
        => RouteMessages.Traffic(
            device.Index, handle, direction == PacketDirection.Ingress ? IngressParent : EgressParent,
            ((uint)priority << 16) | BinaryPrimitives.ReverseEndianness((ushort)AllProtocols));

    /// <summary>Reads the handle and the priority of a filter from an answer.</summary>
    internal static (uint Handle, ushort Priority) Read(ReadOnlySpan<byte> body)
        => (BinaryPrimitives.ReadUInt32LittleEndian(body[8..]), (ushort)(BinaryPrimitives.ReadUInt32LittleEndian(body[16..]) >> 16));
}
