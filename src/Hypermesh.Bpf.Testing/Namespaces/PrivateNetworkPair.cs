using System.Globalization;
using Hypermesh.Bpf.Testing.Namespaces;

namespace Hypermesh.Bpf.Testing;

/// <summary>
/// Two network namespaces for tests, joined by a pair of virtual Ethernet devices: <c>veth0</c> (192.0.2.1) in <see cref="Near"/> and <c>veth1</c> (192.0.2.2) in
/// <see cref="Far"/>, each with its loopback up. What one side sends to the other's address crosses both devices, as between two machines: use it where traffic comes from ordinary
/// sockets. The addresses are of 192.0.2.0/24, which RFC 5737 reserves for documentation. Everything ends with it, and with the process. It requires CAP_SYS_ADMIN and <c>ip</c> (iproute2).
/// </summary>
public sealed class PrivateNetworkPair : IDisposable
{
    private readonly Side _near = new("private network, near side");
    private readonly Side _far;

    /// <summary>Creates both namespaces and their devices. The devices are up and reachable when it returns.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">The kernel refused a namespace.</exception>
    /// <exception cref="InvalidOperationException"><c>ip</c> is missing or failed; the message has its output.</exception>
    public PrivateNetworkPair()
    {
        try
        {
            _far = new Side("private network, far side");
        }
        catch
        {
            _near.Dispose();
            throw;
        }

        try
        {
            string far = _far.Run(static () => NamespaceThread.CurrentId).ToString(CultureInfo.InvariantCulture);
            _near.Run(() =>
            {
                // ip refers to a namespace by a thread in it.
                Command.Run("ip", "link", "add", "veth0", "type", "veth", "peer", "name", "veth1", "netns", far);
                SetUp("veth0", "192.0.2.1/24");
            });
            _far.Run(static () => SetUp("veth1", "192.0.2.2/24"));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The namespace of <c>veth0</c>, 192.0.2.1.</summary>
    public PrivateNamespace Near => _near;

    /// <summary>The namespace of <c>veth1</c>, 192.0.2.2.</summary>
    public PrivateNamespace Far => _far;

    /// <summary>Ends both namespaces, when everything that was opened in them is closed. Disposing only one side ends that side.</summary>
    public void Dispose()
    {
        try
        {
            _near.Dispose();
        }
        finally
        {
            _far.Dispose();
        }
    }

    private static void SetUp(string device, string address)
    {
        Command.Run("ip", "link", "set", "lo", "up");
        Command.Run("ip", "address", "add", address, "dev", device);
        Command.Run("ip", "link", "set", device, "up");
    }

    private sealed class Side(string name) : PrivateNamespace(NamespaceThread.Network, name);
}
