namespace Hypermesh.Bpf;

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
