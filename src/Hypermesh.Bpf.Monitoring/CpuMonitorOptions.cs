using Microsoft.Extensions.Logging;

namespace Hypermesh.Bpf.Monitoring;

/// <summary>How a <see cref="CpuMonitor"/> is started.</summary>
public sealed class CpuMonitorOptions
{
    /// <summary>
    /// Makes the kernel measure the run time of programs while the monitor exists (5.8; requires CAP_SYS_ADMIN; costs every program on the machine 50 to 100 ns
    /// a run), so that readings contain the cost of the monitor itself.
    /// </summary>
    public bool MeasureCost { get; init; }

    /// <summary>Gets what loading and attaching have to say; null for silence.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }
}
