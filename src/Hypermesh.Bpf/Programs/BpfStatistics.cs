using Hypermesh.Bpf.Errors;

namespace Hypermesh.Bpf;

/// <summary>The kernel's statistics of program runs: disabled by default, because they cost each run 50 to 100 ns.</summary>
public static class BpfStatistics
{
    private const uint RunTime = 0;

    /// <summary>Counts the runs and run time of every program of the machine until the returned value is disposed (5.8). Needs CAP_SYS_ADMIN.</summary>
    /// <returns>An object that keeps the statistics enabled; others may keep them enabled too.</returns>
    /// <exception cref="BpfPermissionException">CAP_SYS_ADMIN is missing.</exception>
    /// <exception cref="BpfSyscallException">The kernel rejected the call; EINVAL before 5.8.</exception>
    public static IDisposable Enable() => Enable(LinuxKernel.Instance);

    internal static unsafe IDisposable Enable(IKernel kernel)
    {
        EnableStatsAttr attributes = default;
        attributes.Type = RunTime;
        long result = kernel.Bpf(BpfCommand.EnableStats, &attributes, (uint)sizeof(EnableStatsAttr));
        return result >= 0
            ? new BpfHandle(kernel, result)
            : throw KernelErrors.Of(kernel, BpfCommand.EnableStats, result, "Enabling run statistics", Capabilities.SysAdmin);
    }
}
