using Hypermesh.Bpf.Errors;
using Hypermesh.Bpf.Features;
using Hypermesh.Bpf.KernelObjects;
using Hypermesh.Bpf.Network.Netlink;

namespace Hypermesh.Bpf;

/// <summary>A network interface of this process's network namespace.</summary>
public readonly record struct NetworkDevice
{
    private NetworkDevice(int index, string name)
    {
        Index = index;
        Name = name;
    }

    /// <summary>Its index, from 1.</summary>
    public int Index { get; }

    /// <summary>Its name when it was looked up; it may be renamed later.</summary>
    public string Name { get; }

    /// <summary>What ENODEV means for a device that was looked up before.</summary>
    internal string Gone => $"{this} no longer exists, or is in another network namespace. A device that was created later with the same name is another one: look it up again with NetworkDevice.FromName.";

    /// <summary>Finds an interface by name.</summary>
    /// <param name="name">The name, such as <c>eth0</c>.</param>
    /// <exception cref="BpfException">There is no interface with that name.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static NetworkDevice FromName(string name) => FromName(LinuxKernel.Instance, name);

    /// <summary>Finds an interface by index.</summary>
    /// <param name="index">The index, from 1.</param>
    /// <exception cref="BpfException">There is no interface with that index.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public static NetworkDevice FromIndex(int index) => FromIndex(LinuxKernel.Instance, index);

    /// <summary>Returns the XDP programs of the device, by netlink: none, one, or one for each mode. Needs no capability.</summary>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; ENODEV: the device no longer exists.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public IReadOnlyList<XdpProgramEntry> QueryXdp() => XdpQuery.Run(LinuxKernel.Instance, this);

    /// <summary>Returns the traffic classifiers attached by link or by BPF_PROG_ATTACH (TCX, 6.6). Needs CAP_NET_ADMIN.</summary>
    /// <param name="direction">The direction of the packets they see.</param>
    /// <exception cref="BpfFeatureNotSupportedException">The kernel is older than 6.6, or built without TCX: use <see cref="QueryFilters"/>.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call for another reason.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public BpfAttachedPrograms QueryTcx(PacketDirection direction) => ProgramQuery.OfDevice(
        LinuxKernel.Instance, Index, ToString(), direction == PacketDirection.Ingress ? BpfAttachType.TcxIngress : BpfAttachType.TcxEgress, LinkFeatures.TcxLink);

    /// <summary>Returns the programs of a netkit device (6.7). Needs CAP_NET_ADMIN.</summary>
    /// <param name="peer">True for the programs on the peer's packets, which are also queried on the primary device.</param>
    /// <exception cref="BpfFeatureNotSupportedException">The kernel is older than 6.7, or built without netkit.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call for another reason; EACCES: the device is not a primary netkit device.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public BpfAttachedPrograms QueryNetkit(bool peer = false)
        => ProgramQuery.OfDevice(LinuxKernel.Instance, Index, ToString(), peer ? BpfAttachType.NetkitPeer : BpfAttachType.NetkitPrimary, LinkFeatures.NetkitLink);

    /// <summary>Returns the BPF filters of the device's clsact qdisc, by netlink; none if it has no such qdisc. Needs no capability.</summary>
    /// <param name="direction">The direction of the packets they see.</param>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; ENODEV: the device no longer exists.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public IReadOnlyList<TcFilter> QueryFilters(PacketDirection direction) => TcFilterQuery.Run(LinuxKernel.Instance, this, direction);

    /// <summary>Removes the clsact qdisc with all its filters, including those of other processes. Needs CAP_NET_ADMIN.</summary>
    /// <exception cref="BpfSyscallException">There is no such qdisc (ENOENT or EINVAL), or the kernel rejected the call.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public void RemoveClsact()
    {
        IKernel kernel = LinuxKernel.Instance;
        using NetlinkSocket socket = NetlinkSocket.TryOpen(kernel, out long opened)
            ?? throw KernelErrors.Of(kernel, "socket", opened, $"Removing clsact from {this}");
        if (Clsact.Remove(socket, this) is { Result: < 0 } refused)
        {
            throw KernelErrors.Of(kernel, "RTM_DELQDISC", refused.Result, $"Removing clsact from {this}", Capabilities.NetAdmin, detail: refused.Result == -Errno.ENODEV ? Gone : refused.Quote);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Name} (interface {Index})";

    internal static NetworkDevice FromName(IKernel kernel, string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        long index = kernel.InterfaceIndex(name);
        return index > 0
            ? new NetworkDevice((int)index, name)
            : throw new BpfException($"There is no network interface {name} in this network namespace.", null, name);
    }

    internal static NetworkDevice FromIndex(IKernel kernel, int index)
        => new(index, (index > 0 ? kernel.InterfaceName(index) : null)
            ?? throw new BpfException($"There is no network interface with index {index} in this network namespace."));
}
