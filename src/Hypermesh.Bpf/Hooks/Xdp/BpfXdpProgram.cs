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

    /// <summary>Attaches to a device: by link (5.9), by netlink before. Needs CAP_BPF and CAP_NET_ADMIN.</summary>
    /// <param name="device">The device.</param>
    /// <param name="mode">Where the program runs.</param>
    /// <returns>The link; the live object keeps it, so it may be dropped.</returns>
    /// <exception cref="BpfException">The program is not loaded, or attached there already.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EBUSY: the device has another XDP program, which the message names; EOPNOTSUPP: the driver does not support the mode; ERANGE, or EINVAL of some drivers: the device's MTU is too large for a program without frags.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfProgramLink Attach(NetworkDevice device, XdpMode mode = XdpMode.Default)
    {
        string target = $"XDP of {device}";
        return AttachTo(target, _ => XdpLink.Open(Request(target, Capabilities.Bpf | Capabilities.NetAdmin), Loaded, device, mode, IsFragmented));
    }

    /// <summary>
    /// Attaches to a device without a link, by netlink (4.8). It stays attached when the process ends without detaching. Needs CAP_BPF and CAP_NET_ADMIN.
    /// </summary>
    /// <param name="device">The device.</param>
    /// <param name="mode">Where the program runs.</param>
    /// <param name="replace">The program to replace (<c>IFLA_XDP_EXPECTED_FD</c>, 5.7); null to attach only if the device has no program.</param>
    /// <inheritdoc cref="Attach(NetworkDevice, XdpMode)"/>
    public BpfProgramLink AttachByNetlink(NetworkDevice device, XdpMode mode = XdpMode.Default, BpfProgram? replace = null)
    {
        string target = $"XDP of {device}";
        return AttachTo(target, _ => XdpAttachment.Open(Request(target, Capabilities.Bpf | Capabilities.NetAdmin), Loaded, device, mode, replace?.Loaded, IsFragmented));
    }

    private bool IsFragmented => SectionName.StartsWith("xdp.frags", StringComparison.Ordinal);
}

/// <summary>An XDP program that runs where a map sends packets (<c>xdp/devmap</c> 5.8, <c>xdp/cpumap</c> 5.9): it is not attached; it is stored in the entries of the map.</summary>
public sealed class BpfXdpMapProgram : BpfProgram, IBpfPacketTest
{
    internal BpfXdpMapProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>The type of map that the program is for.</summary>
    public BpfMapType MapType => Descriptor.AttachType == BpfAttachType.XdpDevMap ? BpfMapType.DevMap : BpfMapType.CpuMap;
}
