namespace Hypermesh.Bpf;

/// <summary>Asks a device for the BPF filters of its clsact discipline (RTM_GETTFILTER).</summary>
internal static class TcFilterQuery
{
    private const ushort Name = 7;
    private const ushort Flags = 8;
    private const ushort ProgramId = 11;
    private const int DirectAction = 1;

    internal static List<TcFilter> Run(IKernel kernel, NetworkDevice device, TcxDirection direction)
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

        // A device without the discipline has no filters.
        return answer.Result is >= 0 or -Errno.EINVAL or -Errno.ENOENT
            ? found
            : throw KernelErrors.Of(kernel, "RTM_GETTFILTER", answer.Result, $"Listing the filters of {device}", detail: answer.Quote);
    }

    // The kernel tells of each priority once without a filter in it.
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
