using Hypermesh.Bpf.Errors;
using Hypermesh.Bpf.Network.Netlink;

namespace Hypermesh.Bpf;

/// <summary>An XDP program of a device.</summary>
/// <param name="Mode">Where the program runs: generic, native or offload.</param>
/// <param name="ProgramId">The kernel's ID of the program.</param>
public readonly record struct XdpProgramEntry(XdpMode Mode, uint ProgramId);

/// <summary>Where an XDP program runs.</summary>
public enum XdpMode
{
    /// <summary>In the driver if it supports XDP, otherwise after it.</summary>
    Default = 0,

    /// <summary>After the driver, for any device; slower (<c>XDP_FLAGS_SKB_MODE</c>).</summary>
    Generic = 1 << 1,

    /// <summary>In the driver, or not at all (<c>XDP_FLAGS_DRV_MODE</c>).</summary>
    Native = 1 << 2,

    /// <summary>On the card, or not at all (<c>XDP_FLAGS_HW_MODE</c>).</summary>
    Offload = 1 << 3,
}

/// <summary>Queries the XDP programs of a device (RTM_GETLINK; IDs of programs 4.13).</summary>
internal static class XdpQuery
{
    private const ushort LargestPacket = 4;
    private const ushort Xdp = 43;
    private const ushort Attached = 2;
    private const ushort ProgramId = 4;
    private const byte SeveralModes = 4;

    // IFLA_XDP_ATTACHED of one program: 1 native, 2 generic, 3 offload.
    private static readonly XdpMode[] s_modes = [XdpMode.Default, XdpMode.Native, XdpMode.Generic, XdpMode.Offload];

    // One attribute for each mode if there are several programs.
    private static readonly (ushort Attribute, XdpMode Mode)[] s_each = [(5, XdpMode.Native), (6, XdpMode.Generic), (7, XdpMode.Offload)];

    /// <summary>The MTU of the device; null if it is not known.</summary>
    internal static uint? MtuOf(IKernel kernel, NetworkDevice device)
    {
        uint? mtu = null;
        Ask(kernel, device, attributes =>
        {
            ReadOnlySpan<byte> value = NetlinkAttributes.Find(attributes, LargestPacket);
            mtu = value.Length >= sizeof(uint) ? BitConverter.ToUInt32(value) : mtu;
        });
        return mtu;
    }

    internal static List<XdpProgramEntry> Run(IKernel kernel, NetworkDevice device)
    {
        var found = new List<XdpProgramEntry>();
        Ask(kernel, device, attributes => Read(NetlinkAttributes.Find(attributes, Xdp), found));
        return found;
    }

    private static void Ask(IKernel kernel, NetworkDevice device, LinkReader read)
    {
        using NetlinkSocket socket = NetlinkSocket.TryOpen(kernel, out long opened)
            ?? throw KernelErrors.Of(kernel, "socket", opened, $"Listing the XDP programs of {device}");
        NetlinkResult answer = socket.Ask(new NetlinkMessage(NetlinkType.GetLink, NetlinkFlags.None, RouteMessages.Link(device.Index)), (type, body) =>
        {
            if (type == NetlinkType.NewLink && body.Length >= RouteMessages.LinkSize)
            {
                read(body[RouteMessages.LinkSize..]);
            }
        });
        if (answer.Result < 0)
        {
            throw KernelErrors.Of(kernel, "RTM_GETLINK", answer.Result, $"Listing the XDP programs of {device}", detail: answer.Result == -Errno.ENODEV ? device.Gone : answer.Quote);
        }
    }

    private delegate void LinkReader(ReadOnlySpan<byte> attributes);

    private static void Read(ReadOnlySpan<byte> xdp, List<XdpProgramEntry> found)
    {
        ReadOnlySpan<byte> attached = NetlinkAttributes.Find(xdp, Attached);
        byte state = attached.IsEmpty ? (byte)0 : attached[0];
        if (state is > 0 and < SeveralModes)
        {
            Add(xdp, ProgramId, s_modes[state], found);
        }
        else if (state == SeveralModes)
        {
            foreach ((ushort attribute, XdpMode mode) in s_each)
            {
                Add(xdp, attribute, mode, found);
            }
        }
    }

    private static void Add(ReadOnlySpan<byte> xdp, ushort attribute, XdpMode mode, List<XdpProgramEntry> found)
    {
        ReadOnlySpan<byte> id = NetlinkAttributes.Find(xdp, attribute);
        if (id.Length >= sizeof(uint) && BitConverter.ToUInt32(id) is > 0 and uint number)
        {
            found.Add(new XdpProgramEntry(mode, number));
        }
    }
}
