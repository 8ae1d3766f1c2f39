namespace Hypermesh.Bpf;

/// <summary>Capabilities as people write them.</summary>
internal static class CapabilityNames
{
    private static readonly (Capabilities Capability, string Name)[] s_names =
    [
        (Capabilities.Bpf, "CAP_BPF"),
        (Capabilities.PerfMon, "CAP_PERFMON"),
        (Capabilities.NetAdmin, "CAP_NET_ADMIN"),
        (Capabilities.SysAdmin, "CAP_SYS_ADMIN"),
        (Capabilities.SysResource, "CAP_SYS_RESOURCE"),
        (Capabilities.Syslog, "CAP_SYSLOG"),
    ];

    internal static string Of(Capabilities capabilities)
        => string.Join(", ", s_names.Where(entry => capabilities.HasFlag(entry.Capability)).Select(entry => entry.Name));
}
