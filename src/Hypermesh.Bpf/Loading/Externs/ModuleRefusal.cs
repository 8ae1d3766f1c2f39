namespace Hypermesh.Bpf.Loading.Externs;

/// <summary>The error for what may well be in a module, whose types this process may not look into: refused, not absent.</summary>
internal static class ModuleRefusal
{
    internal static BpfPermissionException Of(BpfPermissionException refused, string what, string? objectName, string? subjectName) => new(
        $"{what} is not in the kernel's own BTF, and whether a module has it cannot be told: {refused.Message}",
        refused.Refused, refused.MissingCapability, refused.Advice, refused.Operation, refused.Command, refused.Errno, objectName, subjectName);
}
