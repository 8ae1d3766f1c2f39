namespace Hypermesh.Bpf;

/// <summary>The kernel has the feature and would not give it to this process.</summary>
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

    /// <summary>What refused.</summary>
    public BpfRefusal Refused { get; }

    /// <summary>The capability the process lacks (<c>CAP_BPF</c>; several joined by a comma), null when none is missing.</summary>
    public string? MissingCapability { get; }

    /// <summary>What to do about it.</summary>
    public string Advice { get; }
}
