namespace Hypermesh.Bpf;

/// <summary>Who attaches to what: all that an error message must name.</summary>
internal readonly record struct LinkRequest(IKernel Kernel, string ProgramName, string? ObjectName, string Target, Capabilities Needs)
{
    internal BpfSyscallException Error(BpfCommand command, long result, BpfFeature? feature = null, string? detail = null)
        => KernelErrors.Of(Kernel, command, result, $"Attaching program {ProgramName} to {Target}", Needs, ObjectName, ProgramName, feature, detail);

    internal BpfSyscallException Error(string operation, long result, string? detail = null)
        => KernelErrors.Of(Kernel, operation, result, $"Attaching program {ProgramName} to {Target}", Needs, ObjectName, ProgramName, detail);

    internal BpfFeatureNotSupportedException Absent(string feature, string needs, string operation, int errno)
        => new(feature, needs, operation, null, errno, ObjectName, ProgramName);
}
