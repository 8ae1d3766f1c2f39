using System.Net;

namespace Hypermesh.Bpf.Tool.Serving;

/// <summary>An address with a port, as an option has it: <c>127.0.0.1:19435</c>, <c>[::1]:19435</c>, <c>localhost:0</c>.</summary>
internal static class ListenAddress
{
    internal static bool TryParse(string text, out IPEndPoint? address)
    {
        address = null;
        int colon = text.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(text.AsSpan(colon + 1), out ushort port))
        {
            return false;
        }

        string host = text[..colon];
        if (host == "localhost")
        {
            address = new IPEndPoint(IPAddress.Loopback, port);
            return true;
        }

        // An IPv6 address without brackets would take the port as its last part.
        bool isBracketed = host is ['[', .., ']'];
        if (IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? ip) && isBracketed == (ip.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6))
        {
            address = new IPEndPoint(ip, port);
        }

        return address is not null;
    }
}
