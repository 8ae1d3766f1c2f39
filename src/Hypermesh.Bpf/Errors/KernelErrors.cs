using Hypermesh.Bpf.Telemetry;

namespace Hypermesh.Bpf.Errors;

/// <summary>Turns an errno into an exception that says why, for all calls. It uses the facts passed to it and those in /proc; it does not probe the kernel.</summary>
internal static class KernelErrors
{
    /// <summary>The exception for a failed command of <c>bpf(2)</c>.</summary>
    /// <param name="kernel">The kernel that was called.</param>
    /// <param name="command">The command.</param>
    /// <param name="result">Its result: the negative errno.</param>
    /// <param name="what">What was being done, as the start of a sentence: "Creating map events (RingBuf)".</param>
    /// <param name="needs">The capabilities the command requires; CAP_BPF by default.</param>
    /// <param name="objectName">The object concerned.</param>
    /// <param name="subjectName">The program or map concerned.</param>
    /// <param name="detail">What else is known about the reason, in whole sentences.</param>
    /// <param name="limit">The limit of locked memory, for a command that can count against it.</param>
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

    /// <summary>The exception for a denied permission whose reason the caller knows.</summary>
    internal static BpfPermissionException Refused(
        BpfRefusal refused, string advice, BpfCommand command, long result, string what, string? objectName, string? subjectName)
        => Refused(refused, advice, BpfCommandNames.Of(command), result, what, objectName, subjectName, command);

    /// <summary>The exception for a denied permission of any system call whose reason the caller knows.</summary>
    internal static BpfPermissionException Refused(
        BpfRefusal refused, string advice, string operation, long result, string what, string? objectName, string? subjectName, BpfCommand? command = null)
        => new($"{Failed(operation, (int)-result, what)} {advice}", refused, null, advice, operation, command, (int)-result, objectName, subjectName);

    /// <summary>The exception for a command that needs a feature the kernel does not support.</summary>
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
                $"{head} The process has reached its limit of open descriptors: raise RLIMIT_NOFILE (ulimit -n).", BpfRefusal.ResourceLimit, null,
                "Raise RLIMIT_NOFILE (ulimit -n).", operation, command, errno, objectName, subjectName),
            Errno.ENOSYS => new BpfFeatureNotSupportedException(
                $"The system call {operation}", "a kernel built with it (CONFIG_BPF_SYSCALL, CONFIG_PERF_EVENTS), and a sandbox that allows it",
                operation, command, errno, objectName, subjectName),
            _ => new BpfSyscallException(head, operation, command, errno, objectName, subjectName),
        };
    }

    // Counts the failure and starts its message.
    private static string Failed(string operation, int errno, string what)
    {
        BpfMetrics.Failed(operation, errno);
        return $"{what} failed: {operation} returned {Errno.Name(errno)} ({Errno.Describe(errno)}).";
    }

    private static BpfPermissionException Permission(
        IKernel kernel, string head, string operation, BpfCommand? command, int errno, Capabilities needs, string? objectName, string? subjectName,
        MemoryLimit? limit)
    {
        ProcessPrivileges privileges = ProcessPrivileges.Read(kernel);
        (BpfRefusal refused, string? capability, string advice) = privileges.Missing(needs, command) switch
        {
            null => (BpfRefusal.Unknown, null, needs == Capabilities.None
                ? "The reason is not known, because /proc is not mounted."
                : $"The capabilities of the process are not known, because /proc is not mounted; this requires {CapabilityNames.Of(needs)}."),

            // Before 5.19 every command of bpf(2) requires CAP_BPF, in addition to its own capabilities.
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
                $"The process lacks {names}, which it gave up itself by BpfPrivileges.Drop: do this before Drop, or keep {names}, as in BpfPrivileges.Drop({kept}).");
        }

        if ((missing & (Capabilities.Bpf | Capabilities.PerfMon)) == Capabilities.None)
        {
            return (BpfRefusal.Capability, names, $"The process lacks {names}: run it as root, or give it {names}.");
        }

        string open = privileges.UnprivilegedBpfDisabled is "1" or "2" ? " (unprivileged_bpf_disabled is set, so every program type requires it)" : "";
        return (BpfRefusal.Capability, names, $"The process lacks {names}{open}: run it as root, or give it {names} (before 5.8: CAP_SYS_ADMIN).");
    }

    // In the kernel's order: capabilities within a user namespace do not count, whatever else is true.
    private static (BpfRefusal Refused, string? Capability, string Advice) Policy(
        IKernel kernel, ProcessPrivileges privileges, string operation, BpfCommand? command, MemoryLimit? limit)
    {
        if (privileges.InUserNamespace)
        {
            return (BpfRefusal.KernelPolicy, null, "The process holds the capability only within its user namespace: give it a BPF token (6.9), or run it outside the user namespace.");
        }

        // Not in upstream Linux: from level 3 on, Debian and its derivatives allow perf events only with CAP_SYS_ADMIN.
        if (operation == "perf_event_open" && privileges.Missing(Capabilities.SysAdmin) != Capabilities.None
            && kernel.TryReadText("/proc/sys/kernel/perf_event_paranoid", out _)?.Trim() is "3" or "4")
        {
            return (BpfRefusal.KernelPolicy, CapabilityNames.Of(Capabilities.SysAdmin),
                "No capability that upstream Linux requires is missing; with this distribution's kernel.perf_event_paranoid, perf events require CAP_SYS_ADMIN: lower it to 2, or give the process CAP_SYS_ADMIN.");
        }

        if (limit is { Counts: true })
        {
            bool mayRaise = privileges.Missing(Capabilities.SysResource) == Capabilities.None;
            return (BpfRefusal.ResourceLimit, mayRaise ? null : CapabilityNames.Of(Capabilities.SysResource),
                $"On this kernel (before 5.11) maps and programs count against RLIMIT_MEMLOCK, which is {limit.Value.Bytes} bytes: raise it (ulimit -l unlimited)"
                + $"{(mayRaise ? "" : ", or give the process CAP_SYS_RESOURCE, which lets it raise the limit itself")}.");
        }

        // For BPF, integrity lockdown forbids only bpf_probe_write_user, which the verifier then rejects as unknown; no call fails with EPERM.
        if (privileges.Lockdown is "confidentiality")
        {
            return (BpfRefusal.Lockdown, null,
                "No capability is missing; kernel lockdown (confidentiality) is in force and forbids reading the kernel's memory to everyone: tracing, probes, tracefs. Boot without lockdown=confidentiality.");
        }

        string remedy = command == BpfCommand.ProgramLoad ? " Use another hook, run where it is allowed, or set Optional on the program to load the others without it." : "";
        string old = limit is { Counts: null } ? $" If this kernel is older than 5.11, it may be RLIMIT_MEMLOCK, which is {limit.Value.Bytes} bytes." : "";
        return (BpfRefusal.KernelPolicy, null,
            $"No capability is missing: the kernel's policy denies it. A security module or a sandbox denies the call, or this kernel does not allow that hook.{remedy}{old}");
    }
}

/// <summary>Limit of locked memory (RLIMIT_MEMLOCK).</summary>
/// <param name="Bytes">The limit.</param>
/// <param name="Counts">Whether maps and programs count against it; null if that is not known.</param>
internal readonly record struct MemoryLimit(ulong Bytes, bool? Counts);
