using Hypermesh.Bpf.Errors;

namespace Hypermesh.Bpf.Features;

/// <summary>Explains a failed command with the results of feature probes: the kernel does not support what the command needs, or locked memory is limited.</summary>
internal static class FeatureErrors
{
    private static readonly HashSet<BpfCommand> s_takesMemory = [BpfCommand.MapCreate, BpfCommand.ProgramLoad, BpfCommand.BtfLoad];

    /// <summary>The exception for a failed command of <c>bpf(2)</c>, as <see cref="KernelErrors"/> creates it; with <paramref name="feature"/>, one that reports the feature as not supported.</summary>
    internal static BpfSyscallException Of(
        IKernel kernel, BpfCommand command, long result, string what, Capabilities needs = Capabilities.Bpf,
        string? objectName = null, string? subjectName = null, FeatureProbe? feature = null, string? detail = null)
    {
        if (result is -Errno.EINVAL or -Errno.ENOTSUPP or -Errno.EOPNOTSUPP && feature?.Has(kernel) == false)
        {
            (string name, string has) = FeatureNeeds.Of(feature.Feature);
            return KernelErrors.Absent(name, has, command, result, objectName, subjectName);
        }

        MemoryLimit? limit = result is -Errno.EPERM or -Errno.EACCES && s_takesMemory.Contains(command) ? MemoryLock.Read(kernel) : null;
        return KernelErrors.Of(kernel, command, result, what, needs, objectName, subjectName, detail, limit);
    }
}
