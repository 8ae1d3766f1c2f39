using Hypermesh.Bpf.Telemetry;

namespace Hypermesh.Bpf.Errors;

/// <summary>Turns an errno into the exception that says why: one place for all calls. It knows the facts that it is given and those in /proc, and tries nothing.</summary>
internal static class KernelErrors
{
    /// <summary>The exception for a failed command of <c>bpf(2)</c>.</summary>
    /// <param name="kernel">The kernel that was asked.</param>
    /// <param name="command">The command.</param>
    /// <param name="result">Its result: the negative errno.</param>
    /// <param name="what">What was being done, as the start of a sentence: "Creating map events (RingBuf)".</param>
    /// <param name="needs">The capabilities the command needs; CAP_BPF when none is said.</param>
    /// <param name="objectName">The object concerned.</param>
    /// <param name="subjectName">The program or map concerned.</param>
    /// <param name="detail">What else is known of the reason, in whole sentences.</param>
    /// <param name="limit">The limit of locked memory, for a command that may count against it.</param>
    internal static BpfSyscallException Of(
        IKernel kernel, BpfCommand command, long result, string what, Capabilities needs = Capabilities.Bpf,
        string? objectName = null, string? subjectName = null, string? detail = null, MemoryLimit? limit = null)
        => Of(kernel, BpfCommandNames.Of(command), command, result, what, needs, objectName, subjectName, detail, limit);

    /// <summary>The exception for any other failed system call.</summary>
    /// <inheritdoc cref="Of(IKernel, BpfCommand, long, string, Capabilities, string?, string?, string?, MemoryLimit?)"/>
    internal static BpfSyscallException Of(
        IKernel kernel, string operation, long result, string what, Capabilities needs = Capabilities.None,
        string? objectName = null, string? subjectName = null, string? detail = null)
        => Of(kernel, operation, null, result, what, needs, objectName, subjectName, detail, limit: null);

    /// <summary>The exception for a refusal whose reason the caller knows.</summary>
    internal static BpfPermissionException Refused(
        BpfRefusal refused, string advice, BpfCommand command, long result, string what, string? objectName, string? subjectName)
    {
        string operation = BpfCommandNames.Of(command);
        return new BpfPermissionException(
            $"{Failed(operation, (int)-result, what)} {advice}", refused, null, advice, operation, command, (int)-result, objectName, subjectName);
    }

    /// <summary>The exception for a command that needs what the kernel lacks.</summary>
    internal static BpfFeatureNotSupportedException Absent(string feature, string needs, BpfCommand command, long result, string? objectName, string? subjectName)
    {
        string operation = BpfCommandNames.Of(command);
        int errno = (int)-result;
        BpfMetrics.Failed(operation, errno);
        return new BpfFeatureNotSupportedException(feature, needs, operation, command, errno, objectName, subjectName);
    }

    private static BpfSyscallException Of(
        IKernel kernel, string operation, BpfCommand? command, long result, string what, Capabilities needs, string? objectName, string? subjectName,
        string? detail, MemoryLimit? limit)
    {
        int errno = (int)-result;
        string head = Failed(operation, errno, what) + (string.IsNullOrEmpty(detail) ? "" : " " + detail);
        return errno switch
        {
            Errno.EPERM or Errno.EACCES => Permission(kernel, head, operation, command, errno, needs, objectName, subjectName, limit),
            Errno.EMFILE => new BpfPermissionException(
                $"{head} The process has all the open descriptors it may have; raise RLIMIT_NOFILE.", BpfRefusal.ResourceLimit, null,
                "Raise RLIMIT_NOFILE (ulimit -n).", operation, command, errno, objectName, subjectName),
            Errno.ENOSYS => new BpfFeatureNotSupportedException(
                $"The system call {operation}", "a kernel built with it (CONFIG_BPF_SYSCALL, CONFIG_PERF_EVENTS), and a sandbox that lets it through",
                operation, command, errno, objectName, subjectName),
            _ => new BpfSyscallException(head, operation, command, errno, objectName, subjectName),
        };
    }

    // Counts the failure and begins its message.
    private static string Failed(string operation, int errno, string what)
    {
        BpfMetrics.Failed(operation, errno);
        return $"{what} failed: {operation} answered {Errno.Name(errno)} ({Errno.Describe(errno)}).";
    }

    private static BpfPermissionException Permission(
        IKernel kernel, string head, string operation, BpfCommand? command, int errno, Capabilities needs, string? objectName, string? subjectName,
        MemoryLimit? limit)
    {
        ProcessPrivileges privileges = ProcessPrivileges.Read(kernel);
        (BpfRefusal refused, string? capability, string advice) = privileges.Missing(needs, command) switch
        {
            null => (BpfRefusal.Unknown, null, needs == Capabilities.None
                ? "Why cannot be told, since /proc is not mounted."
                : $"What the process may do cannot be told, since /proc is not mounted; this takes {CapabilityNames.Of(needs)}."),

            // Before 5.19 all of bpf(2) is closed to who has not this one, whatever else a command asks for.
            Capabilities.None when command is not null && privileges.Missing(Capabilities.Bpf) != Capabilities.None => MissingCapability(Capabilities.Bpf, privileges, GivenUpCapabilities.Of(kernel)),
            Capabilities.None => Policy(kernel, privileges, operation, command, limit),
            { } missing => MissingCapability(missing, privileges, GivenUpCapabilities.Of(kernel)),
        };
        return new BpfPermissionException($"{head} {advice}", refused, capability, advice, operation, command, errno, objectName, subjectName);
    }

    private static (BpfRefusal Refused, string? Capability, string Advice) MissingCapability(Capabilities missing, ProcessPrivileges privileges, Capabilities givenUp)
    {
        string names = CapabilityNames.Of(missing);
        bool isGivenUp = (missing & ~givenUp) == Capabilities.None
            || (givenUp.HasFlag(Capabilities.SysAdmin) && (missing & ~(givenUp | Capabilities.Bpf | Capabilities.PerfMon)) == Capabilities.None);
        if (isGivenUp)
        {
            string kept = string.Join(", ", names.Split(", ").Select(static name => $"\"{name}\""));
            return (BpfRefusal.Capability, names,
                $"The process lacks {names}, which it gave up itself by BpfPrivileges.Drop: do this before Drop, or keep it there, as in BpfPrivileges.Drop({kept}).");
        }

        if ((missing & (Capabilities.Bpf | Capabilities.PerfMon)) == Capabilities.None)
        {
            return (BpfRefusal.Capability, names, $"The process lacks {names}: run it as root, or give it that.");
        }

        string open = privileges.UnprivilegedBpfDisabled is "1" or "2" ? " (unprivileged_bpf_disabled is set, so no program type is free of it)" : "";
        return (BpfRefusal.Capability, names, $"The process lacks {names}{open}: run it as root, or give it that (before 5.8: CAP_SYS_ADMIN).");
    }

    // In the order in which the kernel looks: capabilities within a namespace of one's own count for nothing, whatever else holds.
    private static (BpfRefusal Refused, string? Capability, string Advice) Policy(
        IKernel kernel, ProcessPrivileges privileges, string operation, BpfCommand? command, MemoryLimit? limit)
    {
        if (privileges.InUserNamespace)
        {
            return (BpfRefusal.KernelPolicy, null, "The process holds the capability only within its user namespace: it needs a BPF token (6.9), or must run outside.");
        }

        // Beyond what Linux itself has: Debian and its kin forbid perf events from level 3 on to all but CAP_SYS_ADMIN.
        if (operation == "perf_event_open" && privileges.Missing(Capabilities.SysAdmin) != Capabilities.None
            && kernel.TryReadText("/proc/sys/kernel/perf_event_paranoid", out _)?.Trim() is "3" or "4")
        {
            return (BpfRefusal.KernelPolicy, CapabilityNames.Of(Capabilities.SysAdmin),
                "No capability of Linux's own rules is missing; this distribution's kernel.perf_event_paranoid asks for CAP_SYS_ADMIN: lower it to 2, or give that.");
        }

        if (limit is { Counts: true })
        {
            bool mayRaise = privileges.Missing(Capabilities.SysResource) == Capabilities.None;
            return (BpfRefusal.ResourceLimit, mayRaise ? null : CapabilityNames.Of(Capabilities.SysResource),
                $"On this kernel (before 5.11) maps and programs count against RLIMIT_MEMLOCK, which is {limit.Value.Bytes} bytes: raise it (ulimit -l unlimited)"
                + $"{(mayRaise ? "" : ", or give the process CAP_SYS_RESOURCE, with which it raises it itself")}.");
        }

        // Lockdown for integrity forbids of BPF only bpf_probe_write_user, which the verifier then knows not: it refuses nothing with EPERM.
        if (privileges.Lockdown is "confidentiality")
        {
            return (BpfRefusal.Lockdown, null,
                "No capability is missing; kernel lockdown is in force (confidentiality), which forbids to everyone what reads the kernel's memory: tracing, probes, tracefs.");
        }

        string remedy = command == BpfCommand.ProgramLoad ? " Use another hook, run where it is allowed, or set Optional on the program to load the others without it." : "";
        string old = limit is { Counts: null } ? $" If this kernel is older than 5.11, it may be RLIMIT_MEMLOCK, which is {limit.Value.Bytes} bytes." : "";
        return (BpfRefusal.KernelPolicy, null,
            $"No capability is missing: it is the kernel's policy. A security module or a sandbox refuses it, or this kernel does not allow that hook.{remedy}{old}");
    }
}

/// <summary>The limit of locked memory (RLIMIT_MEMLOCK).</summary>
/// <param name="Bytes">The limit.</param>
/// <param name="Counts">Whether maps and programs count against it; null where that could not be found out.</param>
internal readonly record struct MemoryLimit(ulong Bytes, bool? Counts);
