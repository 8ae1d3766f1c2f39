using Hypermesh.Bpf.Errors;

namespace Hypermesh.Bpf.Features;

/// <summary>Explains a failed command with what trying features shows: that the kernel lacks what the command needs, or that locked memory is limited.</summary>
internal static class FeatureErrors
{
    private static readonly HashSet<BpfCommand> s_takesMemory = [BpfCommand.MapCreate, BpfCommand.ProgramLoad, BpfCommand.BtfLoad];

    /// <summary>The exception for a failed command of <c>bpf(2)</c>, as <see cref="KernelErrors"/> makes it; with <paramref name="feature"/>, one that says that the kernel lacks it.</summary>
    internal static BpfSyscallException Of(
        IKernel kernel, BpfCommand command, long result, string what, Capabilities needs = Capabilities.Bpf,
        string? objectName = null, string? subjectName = null, FeatureTest? feature = null, string? detail = null)
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
