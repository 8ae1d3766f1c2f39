using System.Globalization;
using System.Numerics;

namespace Hypermesh.Bpf.Errors;

/// <summary>The capabilities of this thread and the security settings of this machine, read only when an error must be explained.</summary>
internal sealed record ProcessPrivileges(Capabilities? Effective, string? Lockdown, string? UnprivilegedBpfDisabled, bool InUserNamespace)
{
    internal static ProcessPrivileges Read(IKernel kernel) => new(
        ReadEffective(kernel),
        ReadLockdown(kernel),
        kernel.TryReadText("/proc/sys/kernel/unprivileged_bpf_disabled", out _)?.Trim(),
        IsInUserNamespace(kernel));

    internal static bool IsInUserNamespace(IKernel kernel) => IsMapped(kernel.TryReadText("/proc/self/uid_map", out _));

    /// <summary>
    /// Returns the required capabilities that are missing. CAP_SYS_ADMIN includes CAP_BPF and CAP_PERFMON (which do not exist before 5.8). Null if they are not known.
    /// </summary>
    /// <param name="needed">The required capabilities.</param>
    /// <param name="command">The command: CAP_SYS_ADMIN also includes CAP_NET_ADMIN when programs are loaded, for the rest of bpf(2) from 6.9 on, and nowhere else.</param>
    internal Capabilities? Missing(Capabilities needed, BpfCommand? command = null)
    {
        if (Effective is not { } held)
        {
            return null;
        }

        if (held.HasFlag(Capabilities.SysAdmin))
        {
            held |= Capabilities.Bpf | Capabilities.PerfMon | (command == BpfCommand.ProgramLoad ? Capabilities.NetAdmin : Capabilities.None);
        }

        return needed & ~held;
    }

    private static Capabilities? ReadEffective(IKernel kernel)
    {
        string status = kernel.TryReadText("/proc/thread-self/status", out _) ?? "";
        foreach (string line in status.Split('\n'))
        {
            if (line.StartsWith("CapEff:", StringComparison.Ordinal)
                && ulong.TryParse(line.AsSpan(7).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out ulong bits))
            {
                return (Capabilities)bits;
            }
        }

        return null;
    }

    // "none [integrity] confidentiality": the one in brackets is in force.
    private static string? ReadLockdown(IKernel kernel)
    {
        string? modes = kernel.TryReadText("/sys/kernel/security/lockdown", out _);
        int open = modes?.IndexOf('[') ?? -1;
        int close = modes?.IndexOf(']') ?? -1;
        string? mode = open >= 0 && close > open ? modes![(open + 1)..close] : null;
        return mode is "none" ? null : mode;
    }

    // The initial user namespace maps all IDs to themselves; any other mapping belongs to another user namespace.
    private static bool IsMapped(string? uidMap)
        => uidMap is not null && !(uidMap.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries) is ["0", "0", "4294967295", ..] or []);
}

/// <summary>Names of capabilities.</summary>
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

    // The capabilities that matter here, in the order in which messages list them.
    private static readonly Capabilities[] s_order =
        [Capabilities.Bpf, Capabilities.PerfMon, Capabilities.NetAdmin, Capabilities.SysAdmin, Capabilities.SysResource, Capabilities.Syslog];

    internal static string Of(Capabilities capabilities)
        => string.Join(", ", s_order.Where(one => capabilities.HasFlag(one)).Select(static one => s_names[BitOperations.TrailingZeroCount((ulong)one)]));

    /// <summary>The names of all Linux capabilities, in the order of their numbers.</summary>
    internal static IReadOnlyList<string> All => s_names;

    /// <summary>Returns the Linux capability with that name, or null.</summary>
    internal static Capabilities? Parse(string name)
    {
        int number = Array.IndexOf(s_names, name);
        return number < 0 ? null : (Capabilities)(1ul << number);
    }
}
