namespace Hypermesh.Bpf;

/// <summary>A system call failed. The derived types report the reason where it is known.</summary>
public class BpfSyscallException : BpfException
{
    internal BpfSyscallException(string message, string operation, BpfCommand? command, int errno, string? objectName = null, string? subjectName = null)
        : base(message, objectName, subjectName)
    {
        Operation = operation;
        Command = command;
        Errno = errno;
    }

    /// <summary>The system call, or the command of <c>bpf(2)</c> in the kernel's spelling.</summary>
    public string Operation { get; }

    /// <summary>The command of <c>bpf(2)</c>, null when another system call failed.</summary>
    public BpfCommand? Command { get; }

    /// <summary>The error number, positive, as in errno(3).</summary>
    public int Errno { get; }
}

/// <summary>The reason why permission was denied.</summary>
public enum BpfRefusal
{
    /// <summary>The process lacks a capability.</summary>
    Capability,

    /// <summary>Kernel lockdown (integrity or confidentiality) forbids it to everyone.</summary>
    Lockdown,

    /// <summary>The process has the required capabilities and the kernel still denies the call: a security module, a kernel without that hook, a user namespace without a BPF token.</summary>
    KernelPolicy,

    /// <summary>A resource limit: locked memory on kernels before 5.11, or open descriptors.</summary>
    ResourceLimit,

    /// <summary>The map itself: it is frozen, or was created read-only or write-only for user space.</summary>
    MapAccess,

    /// <summary>Not known: the capabilities of the process cannot be read, because <c>/proc</c> is not mounted.</summary>
    Unknown,

    /// <summary>The permissions of a file: a pin, or a directory on its path, belongs to another user.</summary>
    FilePermission,
}

/// <summary>The kernel has the feature but denies it to this process.</summary>
public sealed class BpfPermissionException : BpfSyscallException
{
    internal BpfPermissionException(
        string message, BpfRefusal refused, string? missingCapability, string advice, string operation, BpfCommand? command, int errno,
        string? objectName = null, string? subjectName = null)
        : base(message, operation, command, errno, objectName, subjectName)
    {
        Refused = refused;
        MissingCapability = missingCapability;
        Advice = advice;
    }

    /// <summary>Why permission was denied.</summary>
    public BpfRefusal Refused { get; }

    /// <summary>The capability the process lacks (<c>CAP_BPF</c>; several joined by a comma), null when none is missing.</summary>
    public string? MissingCapability { get; }

    /// <summary>What to do about it.</summary>
    public string Advice { get; }
}

/// <summary>The running kernel does not support a feature: it is too old, or was built without it.</summary>
public sealed class BpfFeatureNotSupportedException : BpfSyscallException
{
    internal BpfFeatureNotSupportedException(
        string feature, string needs, string operation, BpfCommand? command, int errno, string? objectName = null, string? subjectName = null)
        : base($"{Subject(objectName, subjectName)}{feature} is not available: it needs {needs}.", operation, command, errno, objectName, subjectName)
    {
        Feature = feature;
        Needs = needs;
    }

    /// <summary>What is missing.</summary>
    public string Feature { get; }

    /// <summary>The kernel version or the build option that has it.</summary>
    public string Needs { get; }

    private static string Subject(string? objectName, string? subjectName)
        => subjectName is null ? "" : objectName is null ? $"{subjectName}: " : $"{subjectName} of {objectName}: ";
}
