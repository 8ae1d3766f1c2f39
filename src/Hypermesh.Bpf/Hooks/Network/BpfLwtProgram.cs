namespace Hypermesh.Bpf;

/// <summary>A program on the packets of a route (<c>lwt_in</c>, <c>lwt_out</c>, <c>lwt_xmit</c> 4.10; <c>lwt_seg6local</c> 4.18).</summary>
public sealed class BpfLwtProgram : BpfProgram, IBpfPacketTest
{
    internal BpfLwtProgram(BpfProgramDescriptor descriptor)
        : base(descriptor)
    {
    }

    /// <summary>
    /// Makes a route with the program in it, in the calling thread's network namespace. Detaching removes the route; a process that ends without detaching
    /// leaves it. Needs CAP_BPF and CAP_NET_ADMIN.
    /// </summary>
    /// <param name="route">The route; for <c>lwt_seg6local</c> an IPv6 one, whose destination is the segment.</param>
    /// <returns>The link; the live object keeps it, so it may be dropped.</returns>
    /// <exception cref="BpfException">The program is not loaded, or attached there already.</exception>
    /// <exception cref="BpfSyscallException">The kernel refused; EEXIST: there is such a route; EOPNOTSUPP: it is built without CONFIG_LWTUNNEL_BPF or CONFIG_IPV6_SEG6_BPF.</exception>
    /// <exception cref="ObjectDisposedException">The object it belongs to is disposed.</exception>
    public BpfLink Attach(RouteTarget route)
    {
        ArgumentNullException.ThrowIfNull(route);
        string target = route.ToString();
        return AttachTo(target, program => RouteAttachment.Open(
            Request(target, Capabilities.Bpf | Capabilities.NetAdmin), program, route, RouteEncapsulation.Of(Type)));
    }
}
