using Hypermesh.Bpf.Testing.Namespaces;

namespace Hypermesh.Bpf.Testing;

/// <summary>
/// A network namespace for tests, with its loopback up and a pair of virtual Ethernet devices, <c>veth0</c> and <c>veth1</c>, with addresses of 192.0.2.0/24 (RFC
/// 5737 reserves them for documentation). Programs attached to these do not affect the machine. Everything in it ends with it, and with the process. It requires
/// CAP_SYS_ADMIN and <c>ip</c> (iproute2). Both devices are in this one namespace, so a packet to either address is local: it goes over the loopback and crosses neither device. What
/// leaves by <c>veth1</c> and comes in on <c>veth0</c> is a multicast or broadcast sent out of <c>veth1</c>, or a frame from a packet socket. For traffic between ordinary sockets, use
/// <see cref="PrivateNetworkPair"/>.
/// </summary>
public sealed class PrivateNetwork : PrivateNamespace
{
    /// <summary>Creates the namespace and its devices.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">The kernel refused the namespace.</exception>
    /// <exception cref="InvalidOperationException"><c>ip</c> is missing or failed; the message has its output.</exception>
    public PrivateNetwork()
        : base(NamespaceThread.Network, "private network")
    {
        SetUp(static () =>
        {
            Command.Run("ip", "link", "set", "lo", "up");
            Command.Run("ip", "link", "add", "veth0", "type", "veth", "peer", "name", "veth1");
            Command.Run("ip", "address", "add", "192.0.2.1/24", "dev", "veth0");
            Command.Run("ip", "address", "add", "192.0.2.2/24", "dev", "veth1");
            Command.Run("ip", "link", "set", "veth0", "up");
            Command.Run("ip", "link", "set", "veth1", "up");
        });
    }
}
