using Hypermesh.Bpf.Network.Netlink;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf.Hooks.TrafficControl;

/// <summary>A filter of a clsact qdisc, by netlink (4.5): it stays attached when the process ends without detaching.</summary>
internal sealed class TcFilterAttachment : LinkResource
{
    private const string Operation = "RTM_NEWTFILTER";

    private readonly NetlinkSocket _socket;
    private readonly NetworkDevice _device;
    private readonly PacketDirection _direction;
    private readonly TcFilterKind _kind;
    private uint _handle;
    private ushort _priority;

    private TcFilterAttachment(NetlinkSocket socket, NetworkDevice device, PacketDirection direction, TcFilterKind kind)
    {
        _socket = socket;
        _device = device;
        _direction = direction;
        _kind = kind;
    }

    internal static TcFilterAttachment Open(
        in LinkRequest request, int program, NetworkDevice device, PacketDirection direction, TcFilterKind kind, TcFilterOptions options)
    {
        NetlinkSocket socket = NetlinkSocket.TryOpen(request.Kernel, out long opened) ?? throw request.Error("socket", opened);
        try
        {
            if (options.CreateClsact && Clsact.Create(socket, device) is { Result: < 0 and not -Errno.EEXIST } refused)
            {
                throw request.Error("RTM_NEWQDISC", refused.Result, refused.Quote);
            }

            var attachment = new TcFilterAttachment(socket, device, direction, kind);
            NetlinkResult added = attachment.Add(program, request.ProgramName, options);
            return added.Result >= 0 ? LastingAttachments.Note(attachment, request) : throw request.Error(Operation, added.Result, Explain(added, options, device));
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public override void Dispose()
    {
        var teardown = default(Teardown);
        teardown.Do(this, static attachment => attachment._socket.Ask(
            new NetlinkMessage(NetlinkType.DeleteFilter, NetlinkFlags.None, Clsact.Filter(attachment._device, attachment._direction, attachment._priority, attachment._handle))
                .Add(Clsact.Kind, attachment._kind.Name)));
        LastingAttachments.Forget(this);
        teardown.End(_socket);
        teardown.Report();
    }

    private NetlinkResult Add(int program, string name, TcFilterOptions options)
    {
        NetlinkFlags flags = NetlinkFlags.Create | NetlinkFlags.Echo | (options.Replace ? NetlinkFlags.Replace : NetlinkFlags.Exclusive);
        var message = new NetlinkMessage(NetlinkType.NewFilter, flags, Clsact.Filter(_device, _direction, options.Priority, options.Handle));
        message.Add(Clsact.Kind, _kind.Name).Nest(Clsact.Options, nested => _kind.Write(nested, program, name));
        return _socket.Ask(message, (type, body) =>
        {
            if (type == NetlinkType.NewFilter && body.Length >= RouteMessages.TrafficSize)
            {
                (_handle, _priority) = Clsact.Read(body);
            }
        });
    }

    private static string Explain(NetlinkResult refused, TcFilterOptions options, NetworkDevice device)
    {
        string advice = refused.Result switch
        {
            -Errno.EEXIST => "There is already a filter with that priority and handle: set Replace to replace it.",
            -Errno.ENODEV => device.Gone,
            -Errno.EINVAL or -Errno.ENOENT when !options.CreateClsact => $"{device.Name} may have no clsact qdisc: set CreateClsact.",
            _ => "",
        };
        return $"{refused.Quote} {advice}".Trim();
    }
}

/// <summary>The kind of filter that runs a program: the BPF classifier, or, for an action, the classifier that matches all packets.</summary>
internal sealed record TcFilterKind(string Name, Action<NetlinkMessage, int, string> Write)
{
    private const ushort Descriptor = 6;
    private const ushort ProgramName = 7;
    private const ushort Flags = 8;
    private const int DirectAction = 1;

    private const ushort MatchAllActions = 2;
    private const ushort FirstAction = 1;
    private const ushort ActionKind = 1;
    private const ushort ActionOptions = 2;
    private const ushort ActionParameters = 2;
    private const ushort ActionDescriptor = 5;
    private const ushort ActionName = 6;
    private const byte Pipe = 3;

    /// <summary><c>cls_bpf</c> in direct-action mode: the program's return value is the action for the packet (4.4).</summary>
    internal static TcFilterKind Classifier { get; } = new("bpf", static (message, program, name) => message
        .Add(Descriptor, program)
        .Add(ProgramName, name)
        .Add(Flags, DirectAction));

    /// <summary><c>act_bpf</c> behind <c>cls_matchall</c> (4.8).</summary>
    internal static TcFilterKind Action { get; } = new("matchall", static (message, program, name) => message
        .Nest(MatchAllActions, all => all
            .Nest(FirstAction, action => action
                .Add(ActionKind, "bpf")
                .Nest(ActionOptions, options => options
                    .Add(ActionParameters, [0, 0, 0, 0, 0, 0, 0, 0, Pipe, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
                    .Add(ActionDescriptor, program)
                    .Add(ActionName, name)))));
}
