using Hypermesh.Bpf.Hooks.Xdp;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf;

/// <summary>A program on the packets of a network device as the driver receives them (<c>xdp</c>, 4.8; as a link 5.9).</summary>
public sealed class BpfXdpProgram : BpfProgram, IBpfPacketTest
{
    internal BpfXdpProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Attaches to a device: by link (5.9), before by netlink. Needs CAP_BPF and CAP_NET_ADMIN.</summary>
    /// <param name="device">The device.</param>
    /// <param name="mode">Where it runs.</param>
    /// <returns>The link; the live object keeps it, so it may be dropped.</returns>
    /// <exception cref="BpfException">The program is not loaded, or attached there already.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused; EBUSY: the device has another XDP program, which the message names; EOPNOTSUPP: the driver has no such mode; ERANGE, or EINVAL of some drivers: the device's MTU is too large for a program without frags.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfProgramLink Attach(NetworkDevice device, XdpMode mode = XdpMode.Default)
    {
        string target = $"XDP of {device}";
        return AttachTo(target, _ => XdpLink.Open(Request(target, Capabilities.Bpf | Capabilities.NetAdmin), Loaded, device, mode, IsFragmented));
    }

    /// <summary>
    /// Attaches to a device without a link, by netlink (4.8): what is not detached stays when the process ends. Needs CAP_BPF and CAP_NET_ADMIN.
    /// </summary>
    /// <param name="device">The device.</param>
    /// <param name="options">The mode, and whose place it takes; null: anywhere, where there is none.</param>
    /// <inheritdoc cref="Attach(NetworkDevice, XdpMode)"/>
    public BpfProgramLink AttachByNetlink(NetworkDevice device, XdpNetlinkOptions? options = null)
    {
        string target = $"XDP of {device}";
        return AttachTo(target, _ => XdpAttachment.Open(
            Request(target, Capabilities.Bpf | Capabilities.NetAdmin), Loaded, device, options ?? new XdpNetlinkOptions(), IsFragmented));
    }

    private bool IsFragmented => SectionName.StartsWith("xdp.frags", StringComparison.Ordinal);
}

/// <summary>An XDP program that runs where a map sends packets (<c>xdp/devmap</c> 5.8, <c>xdp/cpumap</c> 5.9): it is not attached, its descriptor goes into the entries of the map.</summary>
public sealed class BpfXdpMapProgram : BpfProgram, IBpfPacketTest
{
    internal BpfXdpMapProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>Which kind of map it is for.</summary>
    public BpfMapType MapType => Descriptor.AttachType == BpfAttachType.XdpDevMap ? BpfMapType.DevMap : BpfMapType.CpuMap;
}

/// <summary>How an XDP program is attached without a link.</summary>
public sealed record XdpNetlinkOptions
{
    /// <summary>Where it runs.</summary>
    public XdpMode Mode { get; init; }

    /// <summary>Takes the place of this program and of no other (<c>IFLA_XDP_EXPECTED_FD</c>, 5.7); null: only where there is none.</summary>
    public BpfProgram? Replace { get; init; }
}
