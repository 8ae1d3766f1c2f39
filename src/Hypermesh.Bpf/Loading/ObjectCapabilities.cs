using Hypermesh.Bpf.Objects;

namespace Hypermesh.Bpf.Loading;

/// <summary>What a whole object takes: who lacks several capabilities is told of all at once, not of one at each try.</summary>
internal static class ObjectCapabilities
{
    /// <summary>The refusal with all that is missing, where more is than the refused call needed; else null.</summary>
    internal static BpfPermissionException? Complete(IKernel kernel, BpfObjectSpec spec, BpfPermissionException reason)
    {
        if (reason.Refused != BpfRefusal.Capability || reason.MissingCapability is not { } named)
        {
            return null;
        }

        Capabilities needs = ProgramCapabilities.Of(spec);
        string missing = CapabilityNames.Of(ProcessPrivileges.Read(kernel).Missing(needs) ?? Capabilities.None);
        return missing.Length <= named.Length
            ? null
            : new BpfPermissionException(
                $"{reason.Message} The object as a whole lacks {missing}.", reason.Refused, missing, $"{reason.Advice} The object as a whole lacks {missing}.",
                reason.Operation, reason.Command, reason.Errno, reason.ObjectName ?? spec.Name, reason.SubjectName);
    }
}
