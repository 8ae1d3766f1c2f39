using System.Net;
using Hypermesh.Bpf.Programs;

namespace Hypermesh.Bpf.Tests.Unit.Hooks.Routes;

/// <summary>Programs of routes, byte by byte.</summary>
public sealed class LwtProgramTests
{
    private readonly ScriptedKernel _kernel = new();

    private NetworkDevice Device => NetworkDevice.FromName(_kernel, "eth7");

    [Fact]
    public void A_route_carries_the_program_and_is_removed_with_the_link()
    {
        var program = new BpfLwtProgram(_kernel.NewProgram(BpfProgramType.LwtXmit));
        program.Attach(new RouteTarget(IPNetwork.Parse("10.9.0.0/16"), Device, IPAddress.Parse("10.1.1.1")));
        program.Unload();

        // IPv4, /16, main table, by administrator, any scope, unicast; LWT_BPF_XMIT (3) in encapsulation 6.
        Assert.Equal(
            "0210000" + "0fe04000100000000" + "080001000a090000" + "0800040007000000" + "080005000a010101"
            + "18001680" + "14000380" + "0800010064000000" + "0600020070000000" + "0600150006000000",
            Convert.ToHexString(_kernel.Sent[0].AsSpan(16)).ToLowerInvariant());
        Assert.Equal([24, 25], _kernel.Sent.Select(static message => (int)message[4]));
        Assert.Empty(_kernel.OpenDescriptors);
    }
}
