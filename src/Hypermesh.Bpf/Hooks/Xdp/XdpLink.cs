using Hypermesh.Bpf.Network.Netlink;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf.Hooks.Xdp;

/// <summary>XDP by link (5.9).</summary>
internal static class XdpLink
{
    /// <summary>Attaches by link; if the kernel does not support it (before 5.9), by netlink.</summary>
    internal static LinkResource Open(in LinkRequest request, BpfHandle program, NetworkDevice device, XdpMode mode, bool isFragmented)
    {
        using HandleUse use = program.Use();
        LinkCreateAttr attributes = default;
        attributes.ProgFd = (uint)use.Descriptor;
        attributes.TargetIfindex = (uint)device.Index;
        attributes.AttachType = (uint)BpfAttachType.Xdp;
        attributes.Flags = (uint)mode;
        long result = BpfCalls.CreateLink(request.Kernel, ref attributes);
        return result switch
        {
            >= 0 => new DescriptorLink(new BpfHandle(request.Kernel, result)),

            // Not supported by the kernel, or an error that netlink reports with a text.
            -Errno.EINVAL => XdpAttachment.Open(request, program, device, mode, replaced: null, isFragmented),
            _ => throw request.Error(BpfCommand.LinkCreate, result, detail: XdpErrors.Explain(request.Kernel, result, device, mode, isFragmented)),
        };
    }
}

/// <summary>XDP by netlink (RTM_SETLINK, 4.8): it stays attached when the process ends without detaching. The socket belongs to the device's network namespace, so it is kept open.</summary>
internal sealed class XdpAttachment : LinkResource
{
    private const ushort Xdp = 43;
    private const ushort Descriptor = 1;
    private const ushort Flags = 3;
    private const ushort ExpectedDescriptor = 8;
    private const int NoProgram = -1;
    private const int OnlyWhereNone = 1;
    private const int ReplaceExpected = 1 << 4;
    private const string Operation = "RTM_SETLINK";

    private readonly NetlinkSocket _socket;
    private readonly HeldHandle _program;
    private readonly NetworkDevice _device;
    private readonly XdpMode _mode;

    private XdpAttachment(NetlinkSocket socket, HeldHandle program, NetworkDevice device, XdpMode mode)
    {
        _socket = socket;
        _program = program;
        _device = device;
        _mode = mode;
    }

    internal static XdpAttachment Open(in LinkRequest request, BpfHandle program, NetworkDevice device, XdpMode mode, BpfHandle? replaced, bool isFragmented)
    {
        NetlinkSocket socket = NetlinkSocket.TryOpen(request.Kernel, out long opened) ?? throw request.Error("socket", opened);
        var attachment = new XdpAttachment(socket, new HeldHandle(program), device, mode);
        NetlinkResult answer = attachment.Attach(replaced);
        if (answer.Result >= 0)
        {
            return LastingAttachments.Note(attachment, request);
        }

        attachment.Release();
        string? detail = XdpErrors.Explain(request.Kernel, answer.Result, device, mode, isFragmented);
        throw request.Error(Operation, answer.Result, string.Join(' ', new[] { answer.Quote, detail }.Where(static text => text?.Length > 0)));
    }

    public override void Dispose()
    {
        var teardown = default(Teardown);
        teardown.Do(this, static attachment => attachment.Detach());
        LastingAttachments.Forget(this);
        teardown.Do(this, static attachment => attachment.Release());
        teardown.Report();
    }

    private void Detach()
    {
        // Detaches only our own program: another one may have replaced it. Before 5.7 the kernel cannot check that.
        if (Set(NoProgram, ReplaceExpected, _program.Descriptor).Result == -Errno.EINVAL)
        {
            Set(NoProgram, 0, expected: null);
        }
    }

    private NetlinkResult Attach(BpfHandle? replaced)
    {
        if (replaced is null)
        {
            return Set(_program.Descriptor, OnlyWhereNone, expected: null);
        }

        using HandleUse old = replaced.Use();
        return Set(_program.Descriptor, ReplaceExpected, old.Descriptor);
    }

    private NetlinkResult Set(int program, int flags, int? expected)
        => _socket.Ask(new NetlinkMessage(NetlinkType.SetLink, NetlinkFlags.None, RouteMessages.Link(_device.Index)).Nest(Xdp, message =>
        {
            message.Add(Descriptor, program).Add(Flags, flags | (int)_mode);
            if (expected is { } descriptor)
            {
                message.Add(ExpectedDescriptor, descriptor);
            }
        }));

    private void Release()
    {
        var teardown = default(Teardown);
        teardown.End(_socket);
        teardown.End(_program);
        teardown.Report();
    }
}

/// <summary>Explains why an XDP program cannot be attached.</summary>
internal static class XdpErrors
{
    // The usual MTU, which every driver with XDP supports.
    private const uint UsualMtu = 1500;

    private const string Generic = "or attach with XdpMode.Generic";

    /// <summary>Explains an error of the kernel or of the device's driver; null if the errno says enough.</summary>
    /// <param name="kernel">The kernel.</param>
    /// <param name="result">The negative errno.</param>
    /// <param name="device">The device.</param>
    /// <param name="mode">Where the program was to run.</param>
    /// <param name="isFragmented">Whether the program supports packets in several buffers (<c>xdp.frags</c>).</param>
    internal static string? Explain(IKernel kernel, long result, NetworkDevice device, XdpMode mode, bool isFragmented) => result switch
    {
        -Errno.EBUSY or -Errno.EEXIST => InTheWay(kernel, device),
        -Errno.EOPNOTSUPP or -Errno.ENOTSUPP or -Errno.EINVAL when mode == XdpMode.Offload => $"{device} does not support XDP offload, or the program was not compiled for it. Attach with XdpMode.Native, {Generic}.",
        -Errno.EOPNOTSUPP or -Errno.ENOTSUPP when mode == XdpMode.Native => $"The driver of {device} does not support XDP, or not with the features that are enabled now (such as LRO: ethtool -k {device.Name}). XdpMode.Generic works for any device.",
        -Errno.ERANGE => TooLarge(kernel, device, isFragmented),
        -Errno.EINVAL when mode != XdpMode.Generic => MtuOf(kernel, device) > UsualMtu ? TooLarge(kernel, device, isFragmented) : null,
        -Errno.ENOSPC or -Errno.ENOMEM => $"The driver of {device} needs more queues for XDP than the device has: lower their number (ethtool -L {device.Name} combined N), {Generic}.",
        -Errno.ENOTCONN => $"{device} has no peer, or its peer was removed: a veth device supports XDP only as one of a pair.",
        -Errno.ENODEV => device.Gone,
        _ => null,
    };

    private static string TooLarge(IKernel kernel, NetworkDevice device, bool isFragmented)
    {
        string mtu = MtuOf(kernel, device) is { } size ? $"has an MTU of {size}" : "has a large MTU";
        return isFragmented
            ? $"{device} {mtu}, and its driver does not support XDP with that, even with frags. Lower the MTU (ip link set dev {device.Name} mtu {UsualMtu}), {Generic}."
            : $"{device} {mtu}, and without frags its driver supports XDP only for packets that fit into one buffer, about 3500 bytes with pages of 4 KiB; for a veth, the MTU of its peer counts. Lower the MTU (ip link set dev {device.Name} mtu {UsualMtu}), declare the program as SEC(\"xdp.frags\") (5.18), which accepts packets in several buffers, {Generic}.";
    }

    private static uint? MtuOf(IKernel kernel, NetworkDevice device)
    {
        try
        {
            return XdpQuery.MtuOf(kernel, device);
        }
        catch (BpfException)
        {
            // Only the first error is reported.
            return null;
        }
    }

    private static string? InTheWay(IKernel kernel, NetworkDevice device)
    {
        try
        {
            List<XdpProgramEntry> attached = XdpQuery.Run(kernel, device);
            return attached.Count == 0
                ? null
                : $"{device} has {string.Join(" and ", attached.Select(static entry => $"XDP program {entry.ProgramId} in mode {entry.Mode}"))}"
                    + "; a device can have only one. Detach the other program, or combine both in one program.";
        }
        catch (BpfException)
        {
            // Only the first error is reported.
            return null;
        }
    }
}
