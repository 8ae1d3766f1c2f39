using System.Numerics;

namespace Hypermesh.Bpf;

/// <summary>Capabilities as people write them.</summary>
internal static class CapabilityNames
{
    // By number, from 0.
    private static readonly string[] s_names =
    [
        "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID", "CAP_SETUID", "CAP_SETPCAP",
        "CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_IPC_LOCK", "CAP_IPC_OWNER",
        "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE", "CAP_SYS_PACCT", "CAP_SYS_ADMIN", "CAP_SYS_BOOT", "CAP_SYS_NICE",
        "CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD", "CAP_LEASE", "CAP_AUDIT_WRITE", "CAP_AUDIT_CONTROL", "CAP_SETFCAP",
        "CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN", "CAP_SYSLOG", "CAP_WAKE_ALARM", "CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ", "CAP_PERFMON", "CAP_BPF",
        "CAP_CHECKPOINT_RESTORE",
    ];

    // Those that matter here, in the order of a message.
    private static readonly Capabilities[] s_order =
        [Capabilities.Bpf, Capabilities.PerfMon, Capabilities.NetAdmin, Capabilities.SysAdmin, Capabilities.SysResource, Capabilities.Syslog];

    internal static string Of(Capabilities capabilities)
        => string.Join(", ", s_order.Where(one => capabilities.HasFlag(one)).Select(static one => s_names[BitOperations.TrailingZeroCount((ulong)one)]));

    /// <summary>All of Linux's, by number.</summary>
    internal static IReadOnlyList<string> All => s_names;

    /// <summary>The capability of that name, any of Linux's; null where there is none.</summary>
    internal static Capabilities? Parse(string name)
    {
        int number = Array.IndexOf(s_names, name);
        return number < 0 ? null : (Capabilities)(1ul << number);
    }
}
