using Hypermesh.Bpf.Network.Netlink;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf.Hooks.Xdp;

/// <summary>XDP by link (5.9).</summary>
internal static class XdpLink
{
    /// <summary>By link; where the kernel knows none (before 5.9), by netlink.</summary>
    internal static LinkResource Open(in LinkRequest request, BpfHandle program, NetworkDevice device, XdpMode mode)
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

            // Unknown to the kernel, or wrong in a way that netlink has words for.
            -Errno.EINVAL => XdpAttachment.Open(request, program, device, new XdpNetlinkOptions { Mode = mode }),
            _ => throw request.Error(BpfCommand.LinkCreate, result, detail: XdpErrors.Explain(request.Kernel, result, device, mode)),
        };
    }
}

/// <summary>XDP by netlink (RTM_SETLINK, 4.8): it stays when the process ends without detaching. The socket is of the device's network namespace, so it is kept.</summary>
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

    internal static XdpAttachment Open(in LinkRequest request, BpfHandle program, NetworkDevice device, XdpNetlinkOptions options)
    {
        NetlinkSocket socket = NetlinkSocket.TryOpen(request.Kernel, out long opened) ?? throw request.Error("socket", opened);
        var attachment = new XdpAttachment(socket, new HeldHandle(program), device, options.Mode);
        NetlinkResult answer = attachment.Attach(options.Replace?.Loaded);
        if (answer.Result >= 0)
        {
            return LastingAttachments.Note(attachment, request);
        }

        attachment.Release();
        string? detail = XdpErrors.Explain(request.Kernel, answer.Result, device, options.Mode);
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
        // Only our own program: another one may have taken its place. Before 5.7 the kernel cannot check that.
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

/// <summary>What stands in the way of an XDP program.</summary>
internal static class XdpErrors
{
    internal static string? Explain(IKernel kernel, long result, NetworkDevice device, XdpMode mode) => result switch
    {
        -Errno.EBUSY or -Errno.EEXIST => InTheWay(kernel, device),
        -Errno.EOPNOTSUPP or -Errno.ENOTSUPP when mode == XdpMode.Offload => "The card runs no XDP programs itself; XdpMode.Native or Generic may work.",
        -Errno.EOPNOTSUPP or -Errno.ENOTSUPP when mode == XdpMode.Native => "The device's driver has no XDP; XdpMode.Generic works for any device.",
        _ => null,
    };

    private static string? InTheWay(IKernel kernel, NetworkDevice device)
    {
        try
        {
            XdpState state = XdpQuery.Run(kernel, device);
            return state.Attached.Count == 0
                ? null
                : $"{device} has {string.Join(" and ", state.Attached.Select(static entry => $"XDP program {entry.ProgramId} in mode {entry.Mode}"))}"
                    + "; a device has one, in one mode, unless they are joined in one program.";
        }
        catch (BpfException)
        {
            // The refusal itself is what counts.
            return null;
        }
    }
}
